extension DDIMScheduler {
  /// DDIM shows the model the sample as it is.
  public func scaleModelInput(_ sample: Tensor<Float>, timestep: Int) -> Tensor<Float> { sample }

  /// The forward process: sqrt(alpha-bar) x_0 + sqrt(1 - alpha-bar) noise (`add_noise`).
  ///
  /// - Parameters:
  ///   - originalSamples: Images, `[batch, ...]`.
  ///   - noise: Standard normals, in the same shape.
  ///   - timesteps: One for all, or one for each image.
  /// - Throws: ``DiffusionError`` (`usage`) for shapes or a number of timesteps that do not fit, and for a timestep outside the
  ///   schedule.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Int]
  ) throws -> Tensor<Float> {
    try combine(originalSamples, noise, timesteps) { sample, noise, rootAlpha, rootBeta in
      rootAlpha * sample + rootBeta * noise
    }
  }

  /// The velocity that a `v_prediction` model learns: sqrt(alpha-bar) noise - sqrt(1 - alpha-bar) x_0 (`get_velocity`).
  ///
  /// - Parameters:
  ///   - sample: Images, `[batch, ...]`.
  ///   - noise: Standard normals, in the same shape.
  ///   - timesteps: One for all, or one for each image.
  /// - Throws: ``DiffusionError`` (`usage`), as ``addNoise(_:noise:timesteps:)``.
  public func getVelocity(
    _ sample: Tensor<Float>, noise: Tensor<Float>, timesteps: [Int]
  ) throws -> Tensor<Float> {
    try combine(sample, noise, timesteps) { sample, noise, rootAlpha, rootBeta in
      rootAlpha * noise - rootBeta * sample
    }
  }

  private func combine(
    _ sample: Tensor<Float>, _ noise: Tensor<Float>, _ timesteps: [Int],
    _ formula: (_ sample: Float, _ noise: Float, _ rootAlpha: Float, _ rootBeta: Float) -> Float
  ) throws -> Tensor<Float> {
    guard let batch = sample.shape.first, noise.shape == sample.shape else {
      throw DiffusionError(.usage, "the noise has shape \(noise.shape): expected the sample's, \(sample.shape)")
    }
    guard timesteps.count == 1 || timesteps.count == batch else {
      throw DiffusionError(.usage, "there are \(timesteps.count) timesteps: expected 1 or one for each image, \(batch)")
    }
    let roots = try timesteps.map { timestep in
      let alpha = try alphaCumprod(at: timestep)
      return (alpha.squareRoot(), (1 - alpha).squareRoot())
    }
    let count = batch == 0 ? 0 : sample.count / batch
    var result = sample.scalars
    for index in result.indices {
      let (rootAlpha, rootBeta) = roots[roots.count == 1 ? 0 : index / count]
      result[index] = formula(result[index], noise.scalars[index], rootAlpha, rootBeta)
    }
    return Tensor(unchecked: sample.shape, result)
  }
}
