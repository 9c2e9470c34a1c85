import Synchronization

/// A clock that advances on request.
public final class FakeClock: Sendable {
  private let time = Mutex(Duration.zero)

  /// Creates a clock at zero.
  public init() {}

  /// The current time.
  public var now: Duration { time.withLock { $0 } }

  /// Advances the clock.
  public func advance(by duration: Duration) {
    time.withLock { $0 += duration }
  }
}

/// A clock that advances by a quarter of a second each time it is read.
public final class TickingClock: Clock {
  /// The time since the clock was created.
  public struct Instant: InstantProtocol {
    let offset: Duration

    /// The instant after a duration.
    public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    /// The duration to another instant.
    public func duration(to other: Instant) -> Duration { other.offset - offset }
    /// Whether one instant comes before another.
    public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private let reads = Mutex(0)

  /// Creates a clock at zero.
  public init() {}

  /// A quarter of a second after the last reading.
  public var now: Instant {
    Instant(
      offset: reads.withLock { count in
        count += 1
        return .milliseconds(250 * count)
      })
  }

  /// The advance of one reading.
  public var minimumResolution: Duration { .milliseconds(250) }

  /// Returns at once: tests do not sleep.
  public func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
}
