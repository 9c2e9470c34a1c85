import Synchronization

/// Takes the time of each layer of the forward passes of one model.
package final class LayerProfiler: Sendable {
  private let clock: any Clock<Duration>
  private let timings = Mutex<[LayerTiming]>([])

  package init(clock: any Clock<Duration>) { self.clock = clock }

  /// Does a layer's work and keeps how long it took.
  package func measure(_ work: LayerWork, _ body: () -> Void) {
    let (_, seconds) = Stopwatch.measure(by: clock, body)
    timings.withLock { $0.append(LayerTiming(work: work, seconds: seconds)) }
  }

  /// What was measured since it was last asked, in the order the layers ran.
  package func take() -> [LayerTiming] {
    timings.withLock { timings in
      defer { timings = [] }
      return timings
    }
  }
}
