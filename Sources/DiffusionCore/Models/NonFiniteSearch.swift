import Synchronization

/// Looks for the first layer of a forward pass whose output holds a NaN or an infinity.
final class NonFiniteSearch: Sendable {
  /// Ends a pass: nothing after the first layer matters.
  struct Found: Error {}

  private let first = Mutex<NonFiniteLayer?>(nil)

  /// The layer, once there is one.
  var found: NonFiniteLayer? { first.withLock { $0 } }

  /// Looks at what a layer has made. Layers are told of in the order they run.
  func look(_ layer: String, _ output: FeatureMap) {
    first.withLock { first in
      if first == nil { first = NonFiniteLayer(.layer(layer), in: output.tensor) }
    }
  }
}

extension UNet2DModel {
  /// Predicts once more, looking at what each layer makes, and names the first whose output is not finite.
  ///
  /// The pass ends there. A pass that is not asked for this costs nothing more than before.
  ///
  /// - Parameters:
  ///   - sample: As for ``callAsFunction(_:timestep:progress:)``.
  ///   - timestep: As for it.
  ///   - progress: Told before each block runs; what it throws stops the pass there.
  /// - Returns: The sample itself if it is not finite; nil if all is finite, from the time embedding to the last layer.
  /// - Throws: As ``callAsFunction(_:timestep:progress:)``.
  public func firstNonFiniteLayer(
    sample: Tensor<Float>, timestep: Float, progress: ForwardProgressHandler? = nil
  ) throws -> NonFiniteLayer? {
    if let layer = NonFiniteLayer(.sample, in: sample) { return layer }
    let search = NonFiniteSearch()
    do {
      _ = try predict(sample, timestep: timestep, observer: { search.look($0, $1) }) { report in
        guard search.found == nil else { throw NonFiniteSearch.Found() }
        try progress?(report)
      }
    } catch is NonFiniteSearch.Found {}
    return search.found
  }
}
