import Synchronization

/// Times each layer of a forward pass.
package final class LayerProfiler: Sendable {
  private let clock: any Clock<Duration>
  private let taken = Mutex<[LayerTiming]>([])

  package init(clock: any Clock<Duration>) { self.clock = clock }

  /// Runs a layer's work and records the time it took.
  package func measure(_ work: LayerWork, _ body: () throws -> Void) rethrows {
    let (_, seconds) = try Stopwatch.measure(by: clock, body)
    taken.withLock { $0.append(LayerTiming(work: work, seconds: seconds)) }
  }

  /// The recorded times, in the order the layers ran.
  package var timings: [LayerTiming] { taken.withLock { $0 } }
}

/// The time of a layer in a forward pass.
public struct LayerTiming: Sendable, Equatable {
  /// The layer's work.
  public let work: LayerWork
  /// The time it took, in seconds.
  public let seconds: Double

  /// Creates a timing.
  public init(work: LayerWork, seconds: Double) {
    self.work = work
    self.seconds = seconds
  }
}

/// Measures how long work takes.
enum Stopwatch {
  /// The result of the work, and the time it took, in seconds.
  static func measure<Result>(
    by clock: some Clock<Duration>, _ work: () throws -> Result
  ) rethrows -> (result: Result, seconds: Double) {
    let start = clock.now
    let result = try work()
    return (result, start.duration(to: clock.now) / .seconds(1))
  }
}
