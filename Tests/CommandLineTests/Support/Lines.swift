import DiffusionTUI
import Synchronization

/// Records what is written, in order.
final class Lines: Sendable {
  private let storage = Mutex<[String]>([])

  var all: [String] { storage.withLock { $0 } }

  func append(_ line: PrintedText) { storage.withLock { $0.append(line.text) } }
}
