import Glibc

/// Simple queries of the file system.
public enum FileAccess {
  /// The kind of a file.
  public enum Kind: Sendable {
    /// A folder.
    case folder
    /// A regular file.
    case file
    /// A pipe, a device or a socket.
    case other
  }

  /// The kind of the file at a path, links followed; nil if there is none.
  public static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .other
    }
  }

  /// The size of the regular file at a path in bytes, links followed; nil if there is none.
  package static func size(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Whether there is a named pipe at a path, links followed.
  package static func isPipe(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// All bytes of a file.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` or `inputOutput`.
  public static func read(_ path: String) throws -> [UInt8] {
    let bytes = try ReadOnlyBytes(mapping: path)
    return bytes.copy(0..<bytes.count)
  }

  /// The maximum size of a text that people write, in bytes: 16 MB.
  package static let maximumText = 16 << 20

  /// All bytes of a text that people write.
  ///
  /// - Throws: ``DiffusionError``: `missingInput`, `inputOutput`, or `badData` for more than ``maximumText``, of which
  ///   nothing is read.
  package static func readText(_ path: String) throws -> [UInt8] {
    let bytes = try ReadOnlyBytes(mapping: path)
    guard bytes.count <= maximumText else { throw tooLarge(path, bytes.count) }
    return bytes.copy(0..<bytes.count)
  }

  /// The error for a text that is too large.
  package static func tooLarge(_ name: String, _ found: some CustomStringConvertible) -> DiffusionError {
    DiffusionError(.badData, "\(name): expected at most 16 MB, \(maximumText) bytes, found \(found)")
  }

  /// The names in a folder, sorted; empty if there is no such folder.
  ///
  /// - Parameters:
  ///   - folder: The path of the folder.
  ///   - prefix: How the names begin; empty for all of them.
  public static func names(in folder: String, prefix: String = "") -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    let start = Array(prefix.utf8)
    var names: [String] = []
    while let entry = readdir(stream) {
      let name: String? = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        guard bytes.starts(with: start) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let name, name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Where a symbolic link leads, as it is written there; nil for anything else.
  package static func destination(ofLink path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  /// A path in the file system without links, `.` and `..`; a file's own name is kept, even if it is a link, as in the
  /// Hub's cache. The path as given if there is nothing there.
  static func realPath(of path: String) -> String {
    let isFolder = kind(of: path) == .folder
    guard let found = realpath(isFolder ? path : parent(of: path), nil) else { return path }
    defer { free(found) }
    let folder = String(cString: found)
    return isFolder ? folder : "\(folder)/\(path.split(separator: "/").last ?? "")"
  }

  /// The folder that contains a path.
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
