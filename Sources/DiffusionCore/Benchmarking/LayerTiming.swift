/// A layer of one forward pass, and how long it took.
package struct LayerTiming: Sendable, Equatable {
  package let work: LayerWork
  package let seconds: Double

  /// Puts a layer and its time together.
  package init(work: LayerWork, seconds: Double) {
    self.work = work
    self.seconds = seconds
  }
}
