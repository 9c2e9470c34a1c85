import DiffusionCore
import DiffusionTUI
import Synchronization

/// Files in memory.
public final class FakeFiles: Sendable {
  private let contents: Mutex<[String: [UInt8]]>
  private let refusal = Mutex<DiffusionError?>(nil)

  /// Creates files from texts, by path.
  public init(_ texts: [String: String] = [:]) {
    contents = Mutex(texts.mapValues { Array($0.utf8) })
  }

  /// The text of a file; nil if there is none.
  public subscript(path: String) -> String? {
    contents.withLock { $0[path].map { String(decoding: $0, as: UTF8.self) } }
  }

  /// Makes writing fail.
  public func refuseWriting(_ error: DiffusionError) { refusal.withLock { $0 = error } }

  /// The file system with these files.
  package var system: FileSystem {
    FileSystem(
      read: { [self] path in contents.withLock { $0[path] } },
      write: { [self] bytes, path in
        if let error = refusal.withLock({ $0 }) { throw error }
        contents.withLock { $0[path] = bytes }
      },
      names: { [self] folder in
        contents.withLock { files in
          files.keys.filter { $0.hasPrefix(folder + "/") && !$0.dropFirst(folder.count + 1).contains("/") }
            .map { String($0.dropFirst(folder.count + 1)) }.sorted()
        }
      })
  }
}
