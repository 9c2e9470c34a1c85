/// What a pipeline returns.
public struct ImagePipelineOutput: Sendable {
  /// The images, `[batch, height, width, channels]`, in [0, 1] (`output_type="np"`).
  public let images: Tensor<Float>
  /// The seed the run started from; drawn at random where no generator was given.
  public let seed: Seed

  /// Describes what a pipeline returns.
  public init(images: Tensor<Float>, seed: Seed) {
    self.images = images
    self.seed = seed
  }
}
