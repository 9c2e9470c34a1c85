import TensorKernels

/// The embedding of a timestep: sinusoids, then two linear layers (`diffusers.Timesteps` and `TimestepEmbedding`).
package struct TimestepEmbedding: Sendable {
  /// The largest timestep for which the sine and the cosine are accurate (``DoubleMath``).
  package static let largestTimestep: Float = 1_048_576

  private let linear1: Convolution
  private let linear2: Convolution
  private let channels: Int
  private let flipSinToCos: Bool
  private let freqShift: Int

  /// Reads `time_embedding.linear_1` and `time_embedding.linear_2`.
  ///
  /// - Parameters:
  ///   - channels: The number of sines and cosines, at least 2.
  ///   - timeChannels: The channels of the embedding.
  ///   - flipSinToCos: Whether cosines come before sines.
  ///   - freqShift: The value subtracted from half the number of sinusoids to space their frequencies.
  package init(
    channels: Int, timeChannels: Int, flipSinToCos: Bool, freqShift: Int, from reader: ParameterReader
  ) throws {
    self.channels = channels
    self.flipSinToCos = flipSinToCos
    self.freqShift = freqShift
    linear1 = try Convolution(linear: ["time_embedding.linear_1"], channels, timeChannels, from: reader)
    linear2 = try Convolution(linear: ["time_embedding.linear_2"], timeChannels, timeChannels, from: reader)
  }

  /// SiLU of the embedding, `[batch][timeChannels]`: every layer that reads the embedding begins with SiLU.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func activated(timesteps: [Float], in context: ComputeContext) throws -> FeatureMap {
    let sinusoids = try context.output(
      of: linear1.name, batch: timesteps.count, height: 1, width: 1, channels: channels)
    try context.backend.upload(timesteps.flatMap(sinusoidal), to: sinusoids.buffer)
    var silu = Convolution.Epilogue()
    silu.silu = true
    return try linear2(linear1(sinusoids, epilogue: silu, in: context), epilogue: silu, in: context)
  }

  /// sin and cos of `timestep` times frequencies that fall from 1 towards 1/10000, in the order and with the rounding
  /// of `diffusers.models.embeddings.get_timestep_embedding`. An odd number of channels ends with a zero.
  package func sinusoidal(_ timestep: Float) -> [Float] {
    let half = channels / 2
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

extension TimestepEmbedding: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let shape = linear1.describe(FeatureShape(channels: channels, height: 1, width: 1), in: &description)
    return linear2.describe(shape, in: &description)
  }
}
