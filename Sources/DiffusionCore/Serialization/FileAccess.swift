import Glibc

/// Small questions to the file system.
package enum FileAccess {
  /// What a path leads to.
  package enum Kind: Sendable {
    case folder, file, other
  }

  /// What a path leads to, links followed; nil if there is nothing.
  package static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .other
    }
  }

  /// All bytes of a file.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` or `inputOutput`.
  package static func read(_ path: String) throws -> [UInt8] {
    let bytes = try ReadOnlyBytes(mapping: path)
    return bytes.copy(0..<bytes.count)
  }

  /// The folder that a path lies in.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
