/// What a run asks for its predictions: ``UNet2DModel``, or a formula in its place.
package protocol DenoisingModel: Sendable {
  /// Which model it is, so that runs of one model can share a batch; nil if each run is to ask alone.
  var identity: ObjectIdentifier? { get }

  /// Predicts. `sample` is `[batch, channels, height, width]`; so is the result, of which each image depends on its own alone.
  ///
  /// - Throws: What `progress` throws, without side effects.
  func callAsFunction(
    _ sample: Tensor<Float>, timestep: Int, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float>

  /// Predicts once more, to find the first layer whose output is not finite; nil if none is, or the model has no layers.
  ///
  /// - Throws: What `progress` throws.
  func firstNonFiniteLayer(
    sample: Tensor<Float>, timestep: Int, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer?
}

extension DenoisingModel {
  package var identity: ObjectIdentifier? { nil }

  package func firstNonFiniteLayer(
    sample: Tensor<Float>, timestep: Int, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? { nil }
}

extension UNet2DModel: DenoisingModel {
  /// The object: the same model on another device, with other threads or with other weights is another.
  package var identity: ObjectIdentifier? { ObjectIdentifier(self) }
}
