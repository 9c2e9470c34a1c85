import TensorKernels

/// Two convolutions, with the time embedding between them if there is one, around a shortcut
/// (`diffusers.ResnetBlock2D`).
package struct ResnetBlock2D: Sendable {
  package let name: String
  private let norm1: GroupNorm
  private let conv1: Convolution
  private let timeProjection: Convolution?
  private let norm2: GroupNorm
  private let conv2: Convolution
  private let shortcut: Convolution?
  private let scaleShift: Bool
  private let divisor: Float

  /// Reads the block's parameters.
  ///
  /// - Parameters:
  ///   - timeChannels: The channels of the time embedding; nil for none.
  ///   - groups: The number of groups of its norms.
  ///   - epsilon: The value that its norms add to the variance.
  ///   - scaleShift: Whether the time embedding scales and shifts the second norm instead of being added before it
  ///     (`time_embedding_norm` `scale_shift`).
  ///   - divisor: The value that the sum with the shortcut is divided by (`output_scale_factor`).
  ///   - level: The size of its images, if the model knows it.
  package init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, timeChannels: Int?, groups: Int, epsilon: Double,
    scaleShift: Bool, divisor: Double = 1, level: LevelSize?, from reader: ParameterReader
  ) throws {
    self.name = name
    self.divisor = Float(divisor)
    self.scaleShift = scaleShift
    norm1 = try GroupNorm("\(name).norm1", channels: inputChannels, groups: groups, epsilon: epsilon, from: reader)
    conv1 = try Convolution("\(name).conv1", inputChannels, outputChannels, at: level, from: reader)
    timeProjection = try timeChannels.map {
      try Convolution(
        linear: ["\(name).time_emb_proj"], $0, scaleShift ? 2 * outputChannels : outputChannels, from: reader)
    }
    norm2 = try GroupNorm("\(name).norm2", channels: outputChannels, groups: groups, epsilon: epsilon, from: reader)
    conv2 = try Convolution("\(name).conv2", outputChannels, outputChannels, at: level, from: reader)
    shortcut =
      inputChannels == outputChannels
      ? nil : try Convolution("\(name).conv_shortcut", inputChannels, outputChannels, kernel: 1, from: reader)
  }

  /// Applies it to feature maps, or to the concatenation of two along their channels.
  ///
  /// - Parameter time: SiLU of the time embedding, `[batch][timeChannels]`; nil for a block without one.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(
    _ input: FeatureMap, concatenated second: FeatureMap? = nil, time: FeatureMap?, in context: ComputeContext
  ) throws -> FeatureMap {
    precondition((time == nil) == (timeProjection == nil), "\(name) and its input disagree on the time embedding")
    let projected = try time.flatMap { try timeProjection?($0, in: context) }
    var first = Convolution.Epilogue()
    first.time = scaleShift ? nil : projected
    var hidden = try norm1(input, concatenated: second, silu: true, in: context)
    hidden = try conv1(hidden, epilogue: first, in: context)
    hidden = try norm2(hidden, time: scaleShift ? projected : nil, silu: true, in: context)
    var last = Convolution.Epilogue()
    last.residual = try shortcut.map { try $0(input, concatenated: second, in: context) } ?? input
    last.divisor = divisor
    return try conv2(hidden, epilogue: last, in: context)
  }
}

extension ResnetBlock2D: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    var shape = norm1.describe(input, in: &description)
    shape = conv1.describe(shape, in: &description)
    _ = timeProjection?.describe(FeatureShape(channels: 0, height: 1, width: 1), in: &description)
    shape = norm2.describe(shape, in: &description)
    _ = shortcut?.describe(input, in: &description)
    return conv2.describe(shape, in: &description)
  }
}
