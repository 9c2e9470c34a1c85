/// What a run asks for its predictions: ``UNet2DModel``, or a formula in its place.
package protocol DenoisingModel: Sendable {
  /// Predicts. `sample` is `[batch, channels, height, width]`; so is the result.
  ///
  /// - Throws: What `progress` throws, without side effects.
  func callAsFunction(
    _ sample: Tensor<Float>, timestep: Int, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float>
}

extension UNet2DModel: DenoisingModel {}
