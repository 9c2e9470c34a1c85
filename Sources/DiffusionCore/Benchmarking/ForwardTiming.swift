/// One forward pass whose layers were timed, and how long it and they took. Layers run one after another, so their times add
/// up to less than its own.
package struct ForwardTiming: Sendable, Equatable {
  package let seconds: Double
  package let layers: [LayerTiming]

  /// Puts a pass and its layers together, in the order they ran.
  package init(seconds: Double, layers: [LayerTiming]) {
    self.seconds = seconds
    self.layers = layers
  }
}
