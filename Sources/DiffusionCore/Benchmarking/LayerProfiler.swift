import Synchronization

/// Takes the time of each layer of a forward pass.
package final class LayerProfiler: Sendable {
  private let clock: any Clock<Duration>
  private let taken = Mutex<[LayerTiming]>([])

  package init(clock: any Clock<Duration>) { self.clock = clock }

  /// Does a layer's work and keeps how long it took.
  package func measure(_ work: LayerWork, _ body: () -> Void) {
    let (_, seconds) = Stopwatch.measure(by: clock, body)
    taken.withLock { $0.append(LayerTiming(work: work, seconds: seconds)) }
  }

  /// What was measured, in the order the layers ran.
  package var timings: [LayerTiming] { taken.withLock { $0 } }
}
