extension DDIMScheduler {
  /// Takes a step from x_t to x_{t-1} (`DDIMScheduler.step`).
  ///
  /// - Parameters:
  ///   - modelOutput: What the model said, `[batch, channels, ...]`.
  ///   - timestep: The training timestep at which it was asked.
  ///   - sample: x_t, in the same shape.
  ///   - eta: The weight of the added noise: 0 (DDIM) to 1 (DDPM).
  ///   - useClippedModelOutput: Whether the noise is derived anew from the clipped x_0.
  ///   - generator: Draws the noise if eta > 0, after everything else has been checked.
  ///   - varianceNoise: The noise itself, instead of a generator.
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``, for a timestep outside the schedule, for shapes that
  ///   differ, for both a generator and noise, and for neither if eta > 0: unlike PyTorch this library has no global generator.
  public func step(
    _ modelOutput: Tensor<Float>, timestep: Int, sample: Tensor<Float>, eta: Float = 0,
    useClippedModelOutput: Bool = false, generator: Generator? = nil, varianceNoise: Tensor<Float>? = nil
  ) throws -> DDIMSchedulerOutput {
    try step(
      modelOutput, timestep: timestep, sample: sample, eta: eta, useClippedModelOutput: useClippedModelOutput
    ) {
      switch (generator, varianceNoise) {
      case (.some, .some):
        throw DiffusionError(
          .usage,
          "Cannot pass both generator and variance_noise. Please make sure that either `generator` or `variance_noise` "
            + "stays `None`.")
      case (let generator?, nil):
        return try randnTensor(modelOutput.shape, generator: generator)
      case (nil, let noise?):
        return noise
      case (nil, nil):
        throw DiffusionError(.usage, "a step with eta \(eta) adds noise: pass generator or varianceNoise")
      }
    }
  }

  /// Takes a step whose noise comes from one generator for each image of the batch.
  ///
  /// - Throws: As ``step(_:timestep:sample:eta:useClippedModelOutput:generator:varianceNoise:)``, and what
  ///   ``randnTensor(_:generators:device:as:)`` throws.
  public func step(
    _ modelOutput: Tensor<Float>, timestep: Int, sample: Tensor<Float>, eta: Float = 0,
    useClippedModelOutput: Bool = false, generators: [Generator]
  ) throws -> DDIMSchedulerOutput {
    try step(
      modelOutput, timestep: timestep, sample: sample, eta: eta, useClippedModelOutput: useClippedModelOutput
    ) {
      try randnTensor(modelOutput.shape, generators: generators)
    }
  }

  /// Takes a step. `noise` is asked once if eta > 0, never otherwise, and only when nothing else can fail any more.
  package func step(
    _ modelOutput: Tensor<Float>, timestep: Int, sample: Tensor<Float>, eta: Float, useClippedModelOutput: Bool,
    noise: () throws -> Tensor<Float>
  ) throws -> DDIMSchedulerOutput {
    let coefficients = try coefficients(timestep: timestep, eta: eta)
    guard modelOutput.shape == sample.shape else {
      throw DiffusionError(
        .usage, "the model output has shape \(modelOutput.shape): expected the sample's, \(sample.shape)")
    }
    var (original, epsilon) = predictions(modelOutput.scalars, sample.scalars, coefficients)
    if config.thresholding {
      original = thresholdSample(original, shape: sample.shape)
    } else if config.clipSample {
      let range = Float(config.clipSampleRange)
      original = original.map { clamp($0, -range, range) }
    }
    if useClippedModelOutput { epsilon = noiseLeft(in: sample.scalars, around: original, coefficients) }

    var previous = [Float](repeating: 0, count: original.count)
    for index in previous.indices {
      let direction = coefficients.directionScale * epsilon[index]
      previous[index] = coefficients.sqrtAlphaProdTPrev * original[index] + direction
    }
    let varianceNoise = eta > 0 ? try noise() : nil
    if let varianceNoise {
      guard varianceNoise.shape == sample.shape else {
        throw DiffusionError(
          .usage, "the variance noise has shape \(varianceNoise.shape): expected the sample's, \(sample.shape)")
      }
      for index in previous.indices { previous[index] += coefficients.sigma * varianceNoise.scalars[index] }
    }
    return DDIMSchedulerOutput(
      prevSample: Tensor(unchecked: sample.shape, previous),
      predOriginalSample: Tensor(unchecked: sample.shape, original),
      predEpsilon: Tensor(unchecked: sample.shape, epsilon), varianceNoise: varianceNoise)
  }

  /// x_0 and the noise, as the model's output implies them.
  private func predictions(
    _ modelOutput: [Float], _ sample: [Float], _ step: DDIMStepCoefficients
  ) -> (original: [Float], epsilon: [Float]) {
    let (rootAlpha, rootBeta) = (step.sqrtAlphaProdT, step.sqrtBetaProdT)
    switch config.predictionType {
    case .epsilon:
      let original = zip(sample, modelOutput).map { ($0 - rootBeta * $1) / rootAlpha }
      return (original, modelOutput)
    case .sample:
      return (modelOutput, noiseLeft(in: sample, around: modelOutput, step))
    case .vPrediction:
      let original = zip(sample, modelOutput).map { rootAlpha * $0 - rootBeta * $1 }
      let epsilon = zip(sample, modelOutput).map { rootAlpha * $1 + rootBeta * $0 }
      return (original, epsilon)
    }
  }

  /// The noise that x_t holds if x_0 is what is given.
  private func noiseLeft(in sample: [Float], around original: [Float], _ step: DDIMStepCoefficients) -> [Float] {
    zip(sample, original).map { ($0 - step.sqrtAlphaProdT * $1) / step.sqrtBetaProdT }
  }
}
