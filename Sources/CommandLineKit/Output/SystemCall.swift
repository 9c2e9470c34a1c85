import DiffusionCore
import Glibc

/// C library calls whose failures become errors that name the file.
enum SystemCall {
  /// The description of `errno` after a failed call.
  static var reason: String { String(cString: strerror(errno)) }

  /// Creates an error about a file, with the description of `errno`.
  static func failure(_ kind: DiffusionError.Kind, _ path: String, _ expected: String) -> DiffusionError {
    DiffusionError(kind, "\(path): \(expected): \(reason)")
  }

  /// The absolute path of a folder, with links resolved; nil if it is not a folder.
  static func absolutePath(_ folder: String) -> String? {
    guard isFolder(folder), let found = realpath(folder, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// Whether a path names a writable folder.
  static func isWritableFolder(_ path: String) -> Bool {
    isFolder(path) && access(path, W_OK | X_OK) == 0
  }

  /// Checks that a file can be created in a folder, by creating one there for a moment. Permissions alone do not tell:
  /// they mean nothing to root or on read-only file systems.
  ///
  /// - Throws: ``DiffusionError`` (`cannotCreate`) that names `path`, the file to be created in the folder.
  static func probe(_ folder: String, for path: String) throws {
    guard isFolder(folder) else {
      throw DiffusionError(.cannotCreate, "\(path): cannot be created: there is no folder \(folder); create it first")
    }
    // The name is unique, since two programs may try the same folder at once.
    var trial = Array("\(folder)/.diffusion-tui-\(String(repeating: "X", count: 6))".utf8CString)
    let descriptor = mkstemp(&trial)
    guard descriptor >= 0 else { throw failure(.cannotCreate, path, "cannot be created in \(folder)") }
    close(descriptor)
    unlink(trial)
  }

  /// Whether a path names a folder.
  static func isFolder(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a path names anything.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
