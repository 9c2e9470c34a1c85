import Glibc

/// The clock of downloads.
public struct HubClock: Sendable {
  /// The seconds since some time.
  let now: @Sendable () -> Double
  /// Waits for some seconds, and calls a function now and then, which may throw to stop.
  let pause: @Sendable (_ seconds: Double, _ check: () throws -> Void) throws -> Void

  /// Creates a clock.
  ///
  /// - Parameters:
  ///   - now: The seconds since some time.
  ///   - pause: Waits for some seconds, and calls a function now and then, which may throw to stop.
  public init(
    now: @escaping @Sendable () -> Double,
    pause: @escaping @Sendable (_ seconds: Double, _ check: () throws -> Void) throws -> Void
  ) {
    (self.now, self.pause) = (now, pause)
  }

  /// The system's clock.
  public static let system = HubClock(now: seconds) { delay, check in
    let end = seconds() + delay
    while seconds() < end {
      try check()
      usleep(UInt32(max(0, min(0.05, end - seconds())) * 1e6))
    }
  }

  @Sendable private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
