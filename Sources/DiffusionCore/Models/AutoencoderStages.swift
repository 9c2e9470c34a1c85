import TensorKernels

/// What the encoder and the decoder of an autoencoder are built from (`diffusers.models.autoencoders.vae`): the part of
/// a configuration that autoencoders have in common.
struct AutoencoderLayout: Sendable {
  /// The channels of the images that are encoded.
  var inChannels: Int
  /// The channels of the images that are decoded.
  var outChannels: Int
  /// The channels that the encoder gives.
  var encodedChannels: Int
  /// The channels that the decoder takes.
  var latentChannels: Int
  /// The channels of each level, largest image first.
  var blockOutChannels: [Int]
  /// Whether attention follows each residual block of a level of the encoder, largest image first.
  var downAttention: [Bool]
  /// Whether attention follows each residual block of a level of the decoder, smallest image first.
  var upAttention: [Bool]
  /// The residual blocks of each level of the encoder; the decoder has one more.
  var layersPerBlock: Int
  var normNumGroups: Int
  var midBlockAddAttention: Bool
  /// The function behind the norms of the residual blocks; SiLU follows the last norm in any case.
  var activation = Activation.silu
  /// Whether the norms of the decoder read the latents.
  var hasSpatialNorms = false
  /// The size of the images, whatever size one has; nil where the configuration names none.
  var sampleSize: (height: Int, width: Int)?

  /// The value that all norms add to the variance.
  private static let epsilon = 1e-6

  /// The size of the feature maps of level `index`; 0 is the full size.
  private func level(_ index: Int) -> LevelSize? {
    sampleSize.map { LevelSize(index, height: $0.height, width: $0.width) }
  }

  /// Reads the encoder.
  func encoder(from reader: ParameterReader) throws -> [AutoencoderStage] {
    var stages = [
      AutoencoderStage.convolution(try Convolution("encoder.conv_in", inChannels, blockOutChannels[0], from: reader))
    ]
    var input = blockOutChannels[0]
    for (index, channels) in blockOutChannels.enumerated() {
      let name = "encoder.down_blocks.\(index)"
      for layer in 0..<layersPerBlock {
        stages.append(try resnet("\(name).resnets.\(layer)", input, channels, level: index, from: reader))
        input = channels
        guard downAttention[index] else { continue }
        stages.append(try attention("\(name).attentions.\(layer)", channels, from: reader))
      }
      guard index + 1 < blockOutChannels.count else { continue }
      stages.append(
        .convolution(
          try Convolution(
            "\(name).downsamplers.0.conv", channels, channels, stride: 2, padding: 0, from: reader)))
    }
    stages += try middle("encoder.mid_block", from: reader)
    return stages + [try output("encoder", input, encodedChannels, from: reader)]
  }

  /// Reads the decoder.
  func decoder(from reader: ParameterReader) throws -> [AutoencoderStage] {
    let reversed = Array(blockOutChannels.reversed()), spatial = hasSpatialNorms
    var stages = [
      AutoencoderStage.convolution(try Convolution("decoder.conv_in", latentChannels, reversed[0], from: reader))
    ]
    stages += try middle("decoder.mid_block", spatial: spatial, from: reader)
    var input = reversed[0]
    for (index, channels) in reversed.enumerated() {
      let name = "decoder.up_blocks.\(index)", level = reversed.count - 1 - index
      for layer in 0...layersPerBlock {
        stages.append(
          try resnet("\(name).resnets.\(layer)", input, channels, level: level, spatial: spatial, from: reader))
        input = channels
        guard upAttention[index] else { continue }
        stages.append(try attention("\(name).attentions.\(layer)", channels, spatial: spatial, from: reader))
      }
      guard level > 0 else { continue }
      stages.append(
        .convolution(
          try Convolution(
            "\(name).upsamplers.0.conv", channels, channels, upsample: true, at: self.level(level - 1),
            from: reader)))
    }
    return stages + [try output("decoder", input, outChannels, spatial: spatial, from: reader)]
  }

  private func resnet(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, level: Int, spatial: Bool = false,
    from reader: ParameterReader
  ) throws -> AutoencoderStage {
    var form = ResnetBlock2D.Form(inputChannels, outputChannels, groups: normNumGroups, epsilon: Self.epsilon)
    (form.activation, form.level) = (activation, self.level(level))
    guard spatial else { return .resnet(try ResnetBlock2D(name, form, from: reader)) }
    return .spatialResnet(try SpatialResnetBlock2D(name, form, latentChannels: latentChannels, from: reader))
  }

  /// Attention with one head.
  private func attention(
    _ name: String, _ channels: Int, spatial: Bool = false, from reader: ParameterReader
  ) throws -> AutoencoderStage {
    let norm = try spatial ? SpatialNorm("\(name).spatial_norm", channels, latentChannels, from: reader) : nil
    return .attention(
      try Attention(
        name, channels: channels, heads: 1, groups: spatial ? nil : normNumGroups, epsilon: Self.epsilon,
        from: reader), norm)
  }

  /// A residual block, attention if there is any, and a residual block.
  private func middle(
    _ name: String, spatial: Bool = false, from reader: ParameterReader
  ) throws -> [AutoencoderStage] {
    let last = blockOutChannels.count - 1, channels = blockOutChannels[last]
    let resnets = try [0, 1].map { index in
      try resnet("\(name).resnets.\(index)", channels, channels, level: last, spatial: spatial, from: reader)
    }
    guard midBlockAddAttention else { return resnets }
    return [resnets[0], try attention("\(name).attentions.0", channels, spatial: spatial, from: reader), resnets[1]]
  }

  private func output(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, spatial: Bool = false, from reader: ParameterReader
  ) throws -> AutoencoderStage {
    let norm = "\(name).conv_norm_out", convolution: Convolution
    if spatial {
      let spatial = try SpatialNorm(norm, inputChannels, latentChannels, from: reader)
      convolution = try Convolution("\(name).conv_out", inputChannels, outputChannels, from: reader)
      return .spatialOutput(spatial, convolution)
    }
    let group = try GroupNorm(
      norm, channels: inputChannels, groups: normNumGroups, epsilon: Self.epsilon, from: reader)
    convolution = try Convolution("\(name).conv_out", inputChannels, outputChannels, from: reader)
    return .output(group, convolution)
  }
}

/// A stage of an autoencoder's encoder or decoder, each of which is a chain: a stage reads the one before.
package enum AutoencoderStage: Sendable {
  case convolution(Convolution)
  case resnet(ResnetBlock2D)
  case spatialResnet(SpatialResnetBlock2D)
  /// Attention, behind a norm that reads the latents where there is one.
  case attention(Attention, SpatialNorm?)
  /// Group norm and SiLU, and the convolution that ends the chain.
  case output(GroupNorm, Convolution)
  case spatialOutput(SpatialNorm, Convolution)

  /// The name in the weights.
  var name: String {
    switch self {
    case .convolution(let convolution), .output(_, let convolution), .spatialOutput(_, let convolution):
      convolution.name
    case .resnet(let resnet): resnet.name
    case .spatialResnet(let resnet): resnet.name
    case .attention(let attention, _): attention.name
    }
  }

  /// - Parameter latents: What the decoder began with.
  func callAsFunction(_ input: FeatureMap, latents: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    switch self {
    case .convolution(let convolution): try convolution(input, in: context)
    case .resnet(let resnet): try resnet(input, time: nil, in: context)
    case .spatialResnet(let resnet): try resnet(input, latents: latents, in: context)
    case .attention(let attention, let norm):
      if let norm {
        try attention(norm(input, latents: latents, in: context), residual: input, in: context)
      } else {
        try attention(input, in: context)
      }
    case .output(let norm, let convolution):
      try convolution(norm(input, silu: true, in: context), in: context)
    case .spatialOutput(let norm, let convolution):
      try convolution(norm(input, latents: latents, activation: .silu, in: context), in: context)
    }
  }
}

extension AutoencoderStage: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    switch self {
    case .convolution(let convolution): return convolution.describe(input, in: &description)
    case .resnet(let resnet): return resnet.describe(input, in: &description)
    case .spatialResnet(let resnet): return resnet.describe(input, in: &description)
    case .attention(let attention, let norm):
      if let norm { _ = norm.describe(input, in: &description) }
      return attention.describe(input, in: &description)
    case .output(let norm, let convolution):
      return convolution.describe(norm.describe(input, in: &description), in: &description)
    case .spatialOutput(let norm, let convolution):
      return convolution.describe(norm.describe(input, in: &description), in: &description)
    }
  }
}

extension [AutoencoderStage] {
  /// Runs the chain.
  ///
  /// - Parameters:
  ///   - input: `[batch, channels, height, width]`.
  ///   - earlier: The blocks that ran before it, for the progress.
  ///   - progress: Called before each stage runs; an error it throws stops the pass there.
  func callAsFunction(
    _ input: Tensor<Float>, in context: ComputeContext, after earlier: Int = 0, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    let input = try context.naming("the autoencoder's input") { try FeatureMap(input, on: context.backend) }
    return try self(input, in: context, after: earlier, progress: progress)
  }

  /// Runs the chain on a map.
  func callAsFunction(
    _ latents: FeatureMap, in context: ComputeContext, after earlier: Int = 0, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    var hidden = latents, context = context
    for (index, stage) in enumerated() {
      try context.begin(
        ForwardProgress(block: stage.name, completed: earlier + index, total: earlier + count), progress)
      hidden = try stage(hidden, latents: latents, in: context)
    }
    return try hidden.tensor(on: context.backend)
  }
}
