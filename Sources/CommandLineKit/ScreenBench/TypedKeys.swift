import Dispatch
import Synchronization

/// Keys that another thread types, one after the other, and how long each took to be seen.
final class TypedKeys: Sendable {
  private struct Record {
    var typedAt: ContinuousClock.Instant?
    var waits: [Duration] = []
    var hasEnded = false
  }

  private let record = Mutex(Record())
  private let seen = DispatchSemaphore(value: 0)

  /// How long each key took, in the order they were typed.
  var waits: [Duration] { record.withLock(\.waits) }

  /// A frame that shows what the key did has been written to the terminal.
  func noteShown() {
    let now = ContinuousClock.now
    record.withLock { record in
      guard let typedAt = record.typedAt else { return }
      record.waits.append(typedAt.duration(to: now))
      record.typedAt = nil
      seen.signal()
    }
  }

  /// Nothing is shown any more.
  func end() {
    record.withLock { $0.hasEnded = true }
    seen.signal()
  }

  /// Types keys at uneven distances, each once the one before was seen.
  ///
  /// - Parameters:
  ///   - pause: Waits between two keys.
  ///   - type: Types one.
  func play(_ keys: [String], pause: () -> Void, type: (String) -> Void) {
    for key in keys {
      pause()
      let goesOn = record.withLock { record in
        record.typedAt = .now
        return !record.hasEnded
      }
      guard goesOn else { return }
      type(key)
      seen.wait()
    }
  }
}
