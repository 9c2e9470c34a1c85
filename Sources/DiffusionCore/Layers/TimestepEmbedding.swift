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

/// What a timestep, or the label of a class in its place, is projected to before it is embedded.
package enum TimestepProjection: Sendable {
  /// Sines and cosines of fixed frequencies.
  case positional(Timesteps)
  /// Sines and cosines of the logarithm times weights (`diffusers.GaussianFourierProjection`).
  case fourier(weights: [Float], channels: Int)
  /// A row of a table for each timestep.
  case learned(rows: [Float], channels: Int)

  /// What a configuration asks for.
  package enum Form: Sendable {
    case positional(Timesteps)
    case fourier(channels: Int)
    case learned(count: Int, channels: Int)
  }

  /// The name of its weights.
  private static let name = "time_proj.weight"

  /// Reads its weights, if it has any.
  package init(_ form: Form, from reader: ParameterReader) throws {
    switch form {
    case .positional(let timesteps): self = .positional(timesteps)
    case .fourier(let channels):
      self = .fourier(weights: try reader.read(Self.name, [channels]), channels: .product(2, channels))
      // The weights once more, as Diffusers saved them before it kept one name.
      reader.ignore("time_proj.W")
    case .learned(let count, let channels):
      self = .learned(rows: try reader.read(Self.name, [count, channels]), channels: channels)
    }
  }

  /// The channels of the projection.
  package var channels: Int {
    switch self {
    case .positional(let timesteps): timesteps.channels
    case .fourier(_, let channels), .learned(_, let channels): channels
    }
  }

  /// The projection of each timestep, `[batch][channels]`, of timesteps that were checked.
  ///
  /// - Parameter layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(_ timesteps: [Float], of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let map = try context.output(of: layer, batch: timesteps.count, height: 1, width: 1, channels: channels)
    try context.backend.upload(timesteps.flatMap(row), to: map.buffer)
    return map
  }

  private func row(_ timestep: Float) -> [Float] {
    switch self {
    case .positional(let timesteps): return timesteps.sinusoidal(timestep)
    case .fourier(let weights, _):
      let angles = Self.angles(timestep, weights)
      func values(_ function: (Double) -> Double) -> [Float] {
        angles.map { $0.isFinite ? Float(function(Double($0))) : .nan }
      }
      return values(DoubleMath.sin) + values(DoubleMath.cos)
    case .learned(let rows, let channels):
      let first = Int(timestep) * channels
      return Array(rows[first..<first + channels])
    }
  }

  private static func angles(_ timestep: Float, _ weights: [Float]) -> [Float] {
    let logarithm = Float(DoubleMath.log(Double(timestep)))
    return weights.map { logarithm * $0 * 2 * 0x1.921fb6p1 }
  }

  /// Checks that a timestep can be projected. NaN can where sines are taken: schedulers come to that where Diffusers
  /// does, and then the images are NaN.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if it cannot.
  package func validate(_ timestep: Float) throws {
    switch self {
    case .positional(let timesteps): try timesteps.validate(timestep)
    case .fourier(let weights, _):
      guard let angle = Self.angles(timestep, weights).first(where: { $0.isFinite && $0.magnitude > Timesteps.largest })
      else { return }
      throw DiffusionError(
        .usage,
        "timestep \(timestep.wholeText) becomes an angle of \(angle.wholeText): expected at most "
          + "\(Timesteps.largest.wholeText) in magnitude; \(Self.name) is too large")
    case .learned(let rows, let channels):
      let count = rows.count / channels
      guard let whole = Int(exactly: timestep), (0..<count).contains(whole) else {
        throw DiffusionError(
          .usage,
          "timestep \(timestep.wholeText): the model has learned those of a table: expected a whole number from 0 to "
            + "\(count - 1)")
      }
    }
  }

  /// Adds what it computes to a description: a table alone has parameters of its own that a layer would not count.
  package func describe(in description: inout ModelDescription) {
    let output = FeatureShape(channels: channels, height: 1, width: 1)
    switch self {
    case .positional: break
    case .fourier(let weights, _):
      description.add("time_proj", kind: "Embedding", output, parameters: weights.count, flops: 0)
    case .learned(let rows, _):
      description.add("time_proj", kind: "Embedding", output, parameters: rows.count, flops: 0)
    }
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
