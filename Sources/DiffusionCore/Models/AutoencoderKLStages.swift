import TensorKernels

/// A stage of an autoencoder's encoder or decoder, each of which is a chain: a stage reads the one before.
package enum AutoencoderStage: Sendable {
  case convolution(Convolution)
  case resnet(ResnetBlock2D)
  case attention(Attention)
  /// Group norm and SiLU, and the convolution that ends the chain.
  case output(GroupNorm, Convolution)

  /// The name in the weights.
  var name: String {
    switch self {
    case .convolution(let convolution), .output(_, let convolution): convolution.name
    case .resnet(let resnet): resnet.name
    case .attention(let attention): attention.name
    }
  }

  func callAsFunction(_ input: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    switch self {
    case .convolution(let convolution): try convolution(input, in: context)
    case .resnet(let resnet): try resnet(input, time: nil, in: context)
    case .attention(let attention): try attention(input, in: context)
    case .output(let norm, let convolution): try convolution(norm(input, silu: true, in: context), in: context)
    }
  }
}

extension AutoencoderStage: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    switch self {
    case .convolution(let convolution): convolution.describe(input, in: &description)
    case .resnet(let resnet): resnet.describe(input, in: &description)
    case .attention(let attention): attention.describe(input, in: &description)
    case .output(let norm, let convolution):
      convolution.describe(norm.describe(input, in: &description), in: &description)
    }
  }
}

extension AutoencoderKLConfig {
  /// The value that all norms add to the variance.
  private static let epsilon = 1e-6

  /// Reads the encoder, and the convolution after it.
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
      }
      guard index + 1 < blockOutChannels.count else { continue }
      stages.append(
        .convolution(
          try Convolution(
            "\(name).downsamplers.0.conv", channels, channels, stride: 2, padding: 0, from: reader)))
    }
    stages += try middle("encoder.mid_block", from: reader)
    stages.append(try output("encoder", input, 2 * latentChannels, from: reader))
    guard useQuantConv else { return stages }
    let quant = try Convolution("quant_conv", 2 * latentChannels, 2 * latentChannels, kernel: 1, from: reader)
    return stages + [.convolution(quant)]
  }

  /// Reads the decoder, and the convolution before it.
  func decoder(from reader: ParameterReader) throws -> [AutoencoderStage] {
    let reversed = Array(blockOutChannels.reversed())
    var stages: [AutoencoderStage] = []
    if usePostQuantConv {
      let quant = try Convolution("post_quant_conv", latentChannels, latentChannels, kernel: 1, from: reader)
      stages.append(.convolution(quant))
    }
    stages.append(.convolution(try Convolution("decoder.conv_in", latentChannels, reversed[0], from: reader)))
    stages += try middle("decoder.mid_block", from: reader)
    var input = reversed[0]
    for (index, channels) in reversed.enumerated() {
      let name = "decoder.up_blocks.\(index)", level = reversed.count - 1 - index
      for layer in 0...layersPerBlock {
        stages.append(try resnet("\(name).resnets.\(layer)", input, channels, level: level, from: reader))
        input = channels
      }
      guard level > 0 else { continue }
      stages.append(
        .convolution(
          try Convolution(
            "\(name).upsamplers.0.conv", channels, channels, upsample: true, at: self.level(level - 1),
            from: reader)))
    }
    return stages + [try output("decoder", input, outChannels, from: reader)]
  }

  private func resnet(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, level: Int, from reader: ParameterReader
  ) throws -> AutoencoderStage {
    .resnet(
      try ResnetBlock2D(
        name, inputChannels, outputChannels, timeChannels: nil, groups: normNumGroups, epsilon: Self.epsilon,
        scaleShift: false, level: self.level(level), from: reader))
  }

  /// A residual block, attention with one head if there is any, and a residual block.
  private func middle(_ name: String, from reader: ParameterReader) throws -> [AutoencoderStage] {
    let last = blockOutChannels.count - 1, channels = blockOutChannels[last]
    let resnets = try [0, 1].map { index in
      try resnet("\(name).resnets.\(index)", channels, channels, level: last, from: reader)
    }
    guard midBlockAddAttention else { return resnets }
    let attention = try Attention(
      "\(name).attentions.0", channels: channels, heads: 1, groups: normNumGroups, epsilon: Self.epsilon, from: reader)
    return [resnets[0], .attention(attention), resnets[1]]
  }

  private func output(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, from reader: ParameterReader
  ) throws -> AutoencoderStage {
    .output(
      try GroupNorm(
        "\(name).conv_norm_out", channels: inputChannels, groups: normNumGroups, epsilon: Self.epsilon, from: reader),
      try Convolution("\(name).conv_out", inputChannels, outputChannels, from: reader))
  }
}
