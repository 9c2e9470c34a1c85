/// The output of a pipeline.
public struct ImagePipelineOutput: Sendable {
  /// The images, `[batch, height, width, channels]`, in [0, 1] (`output_type="np"`).
  public let images: Tensor<Float>
  /// The seed of the run, drawn at random if no generator was given.
  public let seed: Seed

  /// Creates an output.
  public init(images: Tensor<Float>, seed: Seed) {
    self.images = images
    self.seed = seed
  }
}
