import TensorKernels

/// Group norm whose scale and shift at each pixel come from the latents that an image is decoded from
/// (`diffusers.SpatialNorm`; Zheng et al. 2022, arXiv 2209.09002).
package struct SpatialNorm: Sendable {
  private let name: String
  private let norm: GroupNorm
  private let scale: Convolution
  private let shift: Convolution

  /// Its groups, in every model.
  package static let groups = 32

  /// Reads the layer's parameters.
  package init(_ name: String, _ channels: Int, _ latentChannels: Int, from reader: ParameterReader) throws {
    self.name = name
    norm = try GroupNorm("\(name).norm_layer", channels: channels, groups: Self.groups, epsilon: 1e-6, from: reader)
    scale = try Convolution("\(name).conv_y", latentChannels, channels, kernel: 1, from: reader)
    shift = try Convolution("\(name).conv_b", latentChannels, channels, kernel: 1, from: reader)
  }

  /// Normalises feature maps, multiplies them by a linear function of the latents and adds another. A pixel reads the
  /// latent that it belongs to, so that both functions are computed once for each latent.
  ///
  /// - Parameters:
  ///   - latents: As many images, at a size that divides the input's.
  ///   - activation: The function that comes last; nil for none.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, latents: FeatureMap, activation: Activation? = nil, in context: ComputeContext
  ) throws -> FeatureMap {
    let normalized = try norm(input, silu: false, in: context)
    let output = try context.output(
      of: name, batch: input.batch, height: input.height, width: input.width, channels: input.channels)
    let operation = SpatialModulationOperation(
      normalized, factor: try scale(latents, in: context), term: try shift(latents, in: context), output: output)
    try context.naming(name) { try context.backend.spatialModulation(operation) }
    return try activation.map { try $0(output, as: "\(name).activation", in: context) } ?? output
  }
}

extension SpatialNorm: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let output = norm.describe(input, in: &description)
    // What the latents' size is, only the decoder knows; the two linear layers run at no larger one.
    for layer in [scale, shift] { _ = layer.describe(FeatureShape(channels: 0, height: 1, width: 1), in: &description) }
    return output
  }
}

/// Two convolutions around a shortcut, each behind a norm that reads the latents (`diffusers.ResnetBlockCondNorm2D`
/// with `time_embedding_norm` `spatial`).
package struct SpatialResnetBlock2D: Sendable {
  package let name: String
  private let norm1: SpatialNorm
  private let conv1: Convolution
  private let norm2: SpatialNorm
  private let conv2: Convolution
  private let shortcut: Convolution?
  private let activation: Activation

  /// Reads the block's parameters.
  ///
  /// - Parameter form: Its channels, activation and level. Its norms have groups of their own.
  package init(
    _ name: String, _ form: ResnetBlock2D.Form, latentChannels: Int, from reader: ParameterReader
  ) throws {
    let (inputChannels, outputChannels, level) = (form.inputChannels, form.outputChannels, form.level)
    self.name = name
    activation = form.activation
    norm1 = try SpatialNorm("\(name).norm1", inputChannels, latentChannels, from: reader)
    conv1 = try Convolution("\(name).conv1", inputChannels, outputChannels, at: level, from: reader)
    norm2 = try SpatialNorm("\(name).norm2", outputChannels, latentChannels, from: reader)
    conv2 = try Convolution("\(name).conv2", outputChannels, outputChannels, at: level, from: reader)
    shortcut =
      inputChannels == outputChannels
      ? nil : try Convolution("\(name).conv_shortcut", inputChannels, outputChannels, kernel: 1, from: reader)
  }

  /// Applies it to feature maps.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(
    _ input: FeatureMap, latents: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    var hidden = try norm1(input, latents: latents, activation: activation, in: context)
    hidden = try conv1(hidden, in: context)
    hidden = try norm2(hidden, latents: latents, activation: activation, in: context)
    var last = Convolution.Epilogue()
    last.residual = try shortcut.map { try $0(input, in: context) } ?? input
    return try conv2(hidden, epilogue: last, in: context)
  }
}

extension SpatialResnetBlock2D: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    var shape = norm1.describe(input, in: &description)
    shape = conv1.describe(shape, in: &description)
    shape = norm2.describe(shape, in: &description)
    _ = shortcut?.describe(input, in: &description)
    return conv2.describe(shape, in: &description)
  }
}
