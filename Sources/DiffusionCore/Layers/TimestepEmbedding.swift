import TensorKernels

/// The sines and cosines of a timestep (`diffusers.Timesteps`).
package struct Timesteps: Sendable {
  /// The largest timestep for which the sine and the cosine are accurate (``DoubleMath``).
  package static let largest: Float = 1_048_576

  /// The number of sines and cosines, at least 2.
  package let channels: Int
  /// Whether cosines come before sines.
  package let flipSinToCos: Bool
  /// The value subtracted from half the number of sinusoids to space their frequencies.
  package let freqShift: Int

  package init(channels: Int, flipSinToCos: Bool, freqShift: Int) {
    (self.channels, self.flipSinToCos, self.freqShift) = (channels, flipSinToCos, freqShift)
  }

  /// The sinusoids of each timestep, `[batch][channels]`.
  ///
  /// - Parameter layer: The layer that they are for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(_ timesteps: [Float], of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let map = try context.output(of: layer, batch: timesteps.count, height: 1, width: 1, channels: channels)
    try context.backend.upload(timesteps.flatMap(sinusoidal), to: map.buffer)
    return map
  }

  /// Checks that a timestep is in the range of the sine and the cosine, or NaN: schedulers come to that where Diffusers
  /// does, and then the images are NaN.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if it is not.
  package func validate(_ timestep: Float) throws {
    guard timestep.isNaN || timestep.magnitude <= Self.largest else {
      throw DiffusionError(
        .usage,
        "timestep \(timestep.wholeText) is out of range: expected at most \(Self.largest.wholeText) in magnitude")
    }
  }

  /// sin and cos of `timestep` times frequencies that fall from 1 towards 1/10000, in the order and with the rounding
  /// of `diffusers.models.embeddings.get_timestep_embedding`. An odd number of channels ends with a zero.
  package func sinusoidal(_ timestep: Float) -> [Float] {
    let half = channels / 2
    guard !timestep.isNaN else {
      return Array(repeating: .nan, count: 2 * half) + Array(repeating: 0, count: channels % 2)
    }
    let angles = (0..<half).map { index -> Float in
      let exponent = Float(-9.210340371976184) * Float(index) / Float(half - freqShift)
      return timestep * Float(DoubleMath.exp(Double(exponent)))
    }
    let sines = angles.map { Float(DoubleMath.sin(Double($0))) }
    let cosines = angles.map { Float(DoubleMath.cos(Double($0))) }
    let both = flipSinToCos ? cosines + sines : sines + cosines
    return both + Array(repeating: 0, count: channels - both.count)
  }
}

/// Two linear layers with SiLU between them, which embed the sinusoids of a timestep or other features
/// (`diffusers.TimestepEmbedding`).
package struct TimestepEmbedding: Sendable {
  private let linear1: Convolution
  private let linear2: Convolution
  /// Projects what is added to the input.
  private let conditionProjection: Convolution?
  private let inputChannels: Int

  /// Reads `name.linear_1`, `name.linear_2` and, with a condition, `name.cond_proj`.
  ///
  /// - Parameters:
  ///   - inputChannels: The channels of its input.
  ///   - timeChannels: The channels of the embedding.
  ///   - conditionChannels: The channels of what is projected and added to the input; nil for no such projection.
  package init(
    _ name: String = "time_embedding", inputChannels: Int, timeChannels: Int, conditionChannels: Int? = nil,
    from reader: ParameterReader
  ) throws {
    self.inputChannels = inputChannels
    linear1 = try Convolution(linear: ["\(name).linear_1"], inputChannels, timeChannels, from: reader)
    conditionProjection = try conditionChannels.map {
      try Convolution(linear: ["\(name).cond_proj"], $0, inputChannels, hasBias: false, from: reader)
    }
    linear2 = try Convolution(linear: ["\(name).linear_2"], timeChannels, timeChannels, from: reader)
  }

  /// The layer that reads its input.
  package var inputName: String { linear1.name }

  /// Embeds features, `[batch][inputChannels]`: `[batch][timeChannels]`.
  ///
  /// - Parameters:
  ///   - condition: What is projected and added to the features, `[batch][conditionChannels]`.
  ///   - silu: Whether SiLU follows: every layer that reads the embedding of a timestep begins with it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ features: FeatureMap, condition: FeatureMap? = nil, silu: Bool = false, in context: ComputeContext
  ) throws -> FeatureMap {
    var input = features
    if let conditionProjection, let condition {
      var epilogue = Convolution.Epilogue()
      epilogue.residual = features
      input = try conditionProjection(condition, epilogue: epilogue, in: context)
    }
    var first = Convolution.Epilogue(), last = Convolution.Epilogue()
    (first.silu, last.silu) = (true, silu)
    return try linear2(linear1(input, epilogue: first, in: context), epilogue: last, in: context)
  }
}

extension TimestepEmbedding: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let vector = FeatureShape(channels: inputChannels, height: 1, width: 1)
    _ = conditionProjection?.describe(vector, in: &description)
    return linear2.describe(linear1.describe(vector, in: &description), in: &description)
  }
}
