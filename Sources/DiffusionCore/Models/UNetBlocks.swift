import TensorKernels

/// A residual block and the attention that may follow it: the unit of the UNet's levels.
package struct UNetLayer: Sendable {
  let resnet: ResnetBlock2D
  let attention: Attention?

  /// The number of blocks that a forward pass reports for it.
  var blocks: Int { attention == nil ? 1 : 2 }

  func callAsFunction(
    _ input: FeatureMap, concatenated skip: FeatureMap? = nil, in pass: inout ForwardPass
  ) throws -> FeatureMap {
    try pass.begin(resnet.name)
    let hidden = try resnet(input, concatenated: skip, time: pass.time, in: pass.context)
    guard let attention else { return hidden }
    try pass.begin(attention.name)
    return try attention(hidden, in: pass.context)
  }
}

extension UNetLayer {
  /// Reads layer `index` of a block on the way down or up.
  init(
    _ index: Int, of block: String, _ inputChannels: Int, _ outputChannels: Int, attention hasAttention: Bool,
    config: UNet2DModelConfig, level: LevelSize?, from reader: ParameterReader
  ) throws {
    resnet = try ResnetBlock2D(
      "\(block).resnets.\(index)", inputChannels, outputChannels, config: config, level: level, from: reader)
    attention =
      hasAttention
      ? try Attention(
        "\(block).attentions.\(index)", channels: outputChannels, groups: config.normNumGroups, config: config,
        from: reader)
      : nil
  }
}

extension UNetLayer: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let shape = resnet.describe(input, in: &description)
    return attention?.describe(shape, in: &description) ?? shape
  }
}

/// A level on the way down (`diffusers.DownBlock2D`, `AttnDownBlock2D`).
package struct UNetDownBlock: Sendable {
  let layers: [UNetLayer]
  let downsampler: Convolution?

  /// Reads level `index`.
  package init(_ index: Int, config: UNet2DModelConfig, from reader: ParameterReader) throws {
    let name = "down_blocks.\(index)", channels = config.blockOutChannels
    let output = channels[index], input = index == 0 ? channels[0] : channels[index - 1]
    layers = try (0..<config.layersPerBlock).map { layer in
      try UNetLayer(
        layer, of: name, layer == 0 ? input : output, output,
        attention: config.downBlockTypes[index] == .attnDownBlock2D, config: config, level: config.level(index),
        from: reader)
    }
    downsampler =
      index == channels.count - 1
      ? nil
      : try Convolution(
        "\(name).downsamplers.0.conv", output, output, stride: 2, padding: config.downsamplePadding, from: reader)
  }

  /// The number of blocks that a forward pass reports for it.
  var blocks: Int { layers.reduce(0) { $0 + $1.blocks } + (downsampler == nil ? 0 : 1) }

  /// Applies the level; every intermediate output is appended to `skips` for the way up.
  package func callAsFunction(
    _ input: FeatureMap, skips: inout [FeatureMap], in pass: inout ForwardPass
  ) throws -> FeatureMap {
    var hidden = input
    for layer in layers {
      hidden = try layer(hidden, in: &pass)
      skips.append(hidden)
    }
    if let downsampler {
      try pass.begin(downsampler.name)
      hidden = try downsampler(hidden, in: pass.context)
      skips.append(hidden)
    }
    return hidden
  }

  func describe(
    _ input: FeatureShape, skips: inout [FeatureShape], in description: inout ModelDescription
  ) -> FeatureShape {
    var shape = input
    for layer in layers {
      shape = layer.describe(shape, in: &description)
      skips.append(shape)
    }
    if let downsampler {
      shape = downsampler.describe(shape, in: &description)
      skips.append(shape)
    }
    return shape
  }
}

/// The block between the way down and the way up (`diffusers.UNetMidBlock2D` with one layer).
package struct UNetMidBlock: Sendable {
  let first: UNetLayer
  let second: ResnetBlock2D

  /// Reads the block.
  package init(config: UNet2DModelConfig, channels: Int, from reader: ParameterReader) throws {
    let divisor = config.midBlockScaleFactor, level = config.level(config.blockOutChannels.count - 1)
    first = UNetLayer(
      resnet: try ResnetBlock2D(
        "mid_block.resnets.0", channels, channels, divisor: divisor, config: config, level: level, from: reader),
      attention: config.addAttention
        ? try Attention(
          "mid_block.attentions.0", channels: channels, groups: config.midAttentionNormNumGroups, divisor: divisor,
          config: config, from: reader)
        : nil)
    second = try ResnetBlock2D(
      "mid_block.resnets.1", channels, channels, divisor: divisor, config: config, level: level, from: reader)
  }

  /// The number of blocks that a forward pass reports for it.
  var blocks: Int { first.blocks + 1 }

  package func callAsFunction(_ input: FeatureMap, in pass: inout ForwardPass) throws -> FeatureMap {
    let hidden = try first(input, in: &pass)
    try pass.begin(second.name)
    return try second(hidden, time: pass.time, in: pass.context)
  }
}

extension UNetMidBlock: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    second.describe(first.describe(input, in: &description), in: &description)
  }
}

/// A level on the way up (`diffusers.UpBlock2D`, `AttnUpBlock2D`).
package struct UNetUpBlock: Sendable {
  let layers: [UNetLayer]
  let upsampler: Convolution?

  /// Reads level `index`, counted from the smallest image.
  package init(_ index: Int, config: UNet2DModelConfig, from reader: ParameterReader) throws {
    let name = "up_blocks.\(index)", channels = Array(config.blockOutChannels.reversed())
    let output = channels[index], previous = index == 0 ? channels[0] : channels[index - 1]
    let input = channels[min(index + 1, channels.count - 1)], level = channels.count - 1 - index
    layers = try (0...config.layersPerBlock).map { layer in
      let skip = layer == config.layersPerBlock ? input : output
      return try UNetLayer(
        layer, of: name, (layer == 0 ? previous : output) + skip, output,
        attention: config.upBlockTypes[index] == .attnUpBlock2D, config: config, level: config.level(level),
        from: reader)
    }
    upsampler =
      index == channels.count - 1
      ? nil
      : try Convolution(
        "\(name).upsamplers.0.conv", output, output, upsample: true, at: config.level(level - 1), from: reader)
  }

  /// The number of blocks that a forward pass reports for it.
  var blocks: Int { layers.reduce(0) { $0 + $1.blocks } + (upsampler == nil ? 0 : 1) }

  /// Applies the level; each layer takes the last of `skips` as a second input.
  package func callAsFunction(
    _ input: FeatureMap, skips: inout [FeatureMap], in pass: inout ForwardPass
  ) throws -> FeatureMap {
    var hidden = input
    for layer in layers {
      hidden = try layer(hidden, concatenated: skips.popLast(), in: &pass)
    }
    if let upsampler {
      try pass.begin(upsampler.name)
      hidden = try upsampler(hidden, in: pass.context)
    }
    return hidden
  }

  func describe(
    _ input: FeatureShape, skips: inout [FeatureShape], in description: inout ModelDescription
  ) -> FeatureShape {
    var shape = input
    for layer in layers {
      shape.channels += skips.popLast()?.channels ?? 0
      shape = layer.describe(shape, in: &description)
    }
    return upsampler?.describe(shape, in: &description) ?? shape
  }
}

extension ResnetBlock2D {
  /// Reads a block of a UNet.
  fileprivate init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, divisor: Double = 1, config: UNet2DModelConfig,
    level: LevelSize?, from reader: ParameterReader
  ) throws {
    try self.init(
      name, inputChannels, outputChannels, timeChannels: config.timeEmbedDim, groups: config.normNumGroups,
      epsilon: config.normEps, scaleShift: config.resnetTimeScaleShift == .scaleShift, divisor: divisor, level: level,
      from: reader)
  }
}

extension Attention {
  /// Reads an attention of a UNet.
  fileprivate init(
    _ name: String, channels: Int, groups: Int?, divisor: Double = 1, config: UNet2DModelConfig,
    from reader: ParameterReader
  ) throws {
    try self.init(
      name, channels: channels, heads: config.attentionHeads(channels: channels), groups: groups,
      epsilon: config.normEps, divisor: divisor, from: reader)
  }
}
