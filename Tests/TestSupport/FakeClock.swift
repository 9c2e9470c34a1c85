import Synchronization

/// A clock that moves when it is told to.
public final class FakeClock: Sendable {
  private let time = Mutex(Duration.zero)

  /// Makes a clock at zero.
  public init() {}

  /// What it reads.
  public var now: Duration { time.withLock { $0 } }

  /// Moves it on.
  public func advance(by duration: Duration) {
    time.withLock { $0 += duration }
  }
}
