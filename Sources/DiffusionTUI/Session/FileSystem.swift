import DiffusionCore
import Glibc

/// The few things that the explorer does with files of its own, so that tests have another file system.
package struct FileSystem: Sendable {
  /// The bytes of a file; nil if there is none. Throws `DiffusionError` where it cannot be read.
  package var read: @Sendable (_ path: String) throws -> [UInt8]?
  /// Writes a file whole or not at all, making the folders above it, and tidies up after programs that were killed
  /// while they wrote it. Throws `DiffusionError` where that cannot be.
  package var write: @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void
  /// The names in a folder, sorted; none where there is no such folder.
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

  /// The machine's files.
  package static func system() -> FileSystem {
    FileSystem(
      read: { path in
        guard FileAccess.kind(of: path) != nil else { return nil }
        return try FileAccess.read(path)
      },
      write: { bytes, path in
        makeFolders(FileAccess.parent(of: path))
        AtomicFile.removeLeftovers(of: path)
        try AtomicFile.write(bytes, to: path)
      },
      names: { folder in FileAccess.names(in: folder) })
  }

  /// Makes a folder and those above it, for its owner alone, as the XDG base directory specification asks. What fails
  /// shows when the file is written.
  private static func makeFolders(_ path: String) {
    guard FileAccess.kind(of: path) == nil, path != "/", path != "." else { return }
    makeFolders(FileAccess.parent(of: path))
    mkdir(path, 0o700)
  }
}
