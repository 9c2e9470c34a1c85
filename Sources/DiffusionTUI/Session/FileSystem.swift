import DiffusionCore
import Glibc

/// The file operations that the explorer needs for its own files, replaceable in tests.
package struct FileSystem: Sendable {
  /// Reads a file; nil if there is none. Throws `DiffusionError` if it cannot be read.
  package var read: @Sendable (_ path: String) throws -> [UInt8]?
  /// Writes a file atomically, creates the folders above it, and removes leftovers of programs that were killed while
  /// writing it. Throws `DiffusionError` if that fails.
  package var write: @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void
  /// The names in a folder, sorted; empty if there is no such folder.
  package var names: @Sendable (_ folder: String) -> [String]

  package init(
    read: @escaping @Sendable (_ path: String) throws -> [UInt8]?,
    write: @escaping @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void,
    names: @escaping @Sendable (_ folder: String) -> [String]
  ) {
    self.read = read
    self.write = write
    self.names = names
  }

  /// The file system of the machine.
  package static func system() -> FileSystem {
    FileSystem(
      read: { path in
        guard FileAccess.kind(of: path) != nil else { return nil }
        return try FileAccess.readText(path)
      },
      write: { bytes, path in
        // Writing to a pipe would wait for its reader.
        if FileAccess.kind(of: path) == .other { _ = try FileAccess.read(path) }
        makeFolders(FileAccess.parent(of: path))
        try AtomicFile.write(bytes, to: path)
      },
      names: { folder in FileAccess.names(in: folder) })
  }

  /// Creates a folder and those above it, accessible to the owner alone, as the XDG base directory specification
  /// requires. Failures show up when the file is written.
  private static func makeFolders(_ path: String) {
    guard FileAccess.kind(of: path) == nil, path != "/", path != "." else { return }
    makeFolders(FileAccess.parent(of: path))
    mkdir(path, 0o700)
  }
}
