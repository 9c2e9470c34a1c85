import Synchronization

/// Takes the time of each layer of a forward pass.
package final class LayerProfiler: Sendable {
  private let clock: any Clock<Duration>
  private let taken = Mutex<[LayerTiming]>([])

  package init(clock: any Clock<Duration>) { self.clock = clock }

  /// Does a layer's work and keeps how long it took.
  package func measure(_ work: LayerWork, _ body: () throws -> Void) rethrows {
    let (_, seconds) = try Stopwatch.measure(by: clock, body)
    taken.withLock { $0.append(LayerTiming(work: work, seconds: seconds)) }
  }

  /// What was measured, in the order the layers ran.
  package var timings: [LayerTiming] { taken.withLock { $0 } }
}

/// A layer of one forward pass, and how long it took.
public struct LayerTiming: Sendable, Equatable {
  /// What it had to do.
  public let work: LayerWork
  /// How long it took.
  public let seconds: Double

  /// Puts a layer and its time together.
  public init(work: LayerWork, seconds: Double) {
    self.work = work
    self.seconds = seconds
  }
}

/// Takes the time of work.
enum Stopwatch {
  /// What the work returns, and how many seconds it took.
  static func measure<Result>(
    by clock: some Clock<Duration>, _ work: () throws -> Result
  ) rethrows -> (result: Result, seconds: Double) {
    let start = clock.now
    let result = try work()
    return (result, start.duration(to: clock.now) / .seconds(1))
  }
}
