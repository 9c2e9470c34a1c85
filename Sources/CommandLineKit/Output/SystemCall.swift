import DiffusionCore
import Glibc

/// Calls of the C library whose failures become errors that name the file.
enum SystemCall {
  /// What the last failed call left in `errno`, in words.
  static var reason: String { String(cString: strerror(errno)) }

  /// An error about a file, with what the last failed call said.
  static func failure(_ kind: DiffusionError.Kind, _ path: String, _ expected: String) -> DiffusionError {
    DiffusionError(kind, "\(path): \(expected): \(reason)")
  }

  /// The absolute path of a folder, links resolved; nil for what is none.
  static func absolutePath(_ folder: String) -> String? {
    guard isFolder(folder), let found = realpath(folder, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// Whether a path names a folder that can be written to.
  static func isWritableFolder(_ path: String) -> Bool {
    isFolder(path) && access(path, W_OK | X_OK) == 0
  }

  /// Makes sure that a folder takes a file, by creating one there for a moment: permissions alone do not tell, since
  /// they mean nothing to root and on file systems that are read-only.
  ///
  /// - Throws: ``DiffusionError`` (`cannotCreate`) that names `path`, the file that the folder shall take.
  static func probe(_ folder: String, for path: String) throws {
    guard isFolder(folder) else {
      throw DiffusionError(.cannotCreate, "\(path): cannot be created: there is no folder \(folder); create it first")
    }
    // Of a name that no other has: two may try the same folder at once.
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
