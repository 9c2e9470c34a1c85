import TensorKernels

/// What may follow a residual block.
package enum UNetAttention: Sendable {
  /// Self-attention over the pixels.
  case pixels(Attention)
  /// A transformer over the pixels, which attends to the text too.
  case text(Transformer2D)

  var name: String {
    switch self {
    case .pixels(let attention): attention.name
    case .text(let transformer): transformer.name
    }
  }

  func callAsFunction(_ input: FeatureMap, in pass: ForwardPass) throws -> FeatureMap {
    switch self {
    case .pixels(let attention): return try attention(input, in: pass.context)
    case .text(let transformer):
      guard let text = pass.text else { preconditionFailure("\(transformer.name) got no text") }
      return try transformer(input, text: text, in: pass.context)
    }
  }
}

extension UNetAttention: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    switch self {
    case .pixels(let attention): attention.describe(input, in: &description)
    case .text(let transformer): transformer.describe(input, in: &description)
    }
  }
}

/// A residual block and the attention that may follow it: the unit of the UNet's levels.
package struct UNetLayer: Sendable {
  let resnet: ResnetBlock2D
  let attention: UNetAttention?

  /// The number of blocks that a forward pass reports for it.
  var blocks: Int { attention == nil ? 1 : 2 }

  func callAsFunction(
    _ input: FeatureMap, concatenated skip: FeatureMap? = nil, in pass: inout ForwardPass
  ) throws -> FeatureMap {
    try pass.begin(resnet.name)
    let hidden = try resnet(input, concatenated: skip, time: pass.time, in: pass.context)
    guard let attention else { return hidden }
    try pass.begin(attention.name)
    return try attention(hidden, in: pass)
  }
}

extension UNetLayer {
  /// Reads layer `index` of a block.
  init(
    _ index: Int, of block: String, at place: UNetPlace, _ inputChannels: Int, _ outputChannels: Int,
    level: LevelSize?, config: some UNetBlockConfiguration, from reader: ParameterReader
  ) throws {
    resnet = try ResnetBlock2D(
      "\(block).resnets.\(index)", inputChannels, outputChannels, timeChannels: config.blockTimeChannels,
      groups: config.normNumGroups, epsilon: config.normEps, scaleShift: config.resnetTimeScaleShift == .scaleShift,
      divisor: place == .middle ? config.midBlockScaleFactor : 1, level: level, from: reader)
    attention =
      index < config.attentions(at: place)
      ? try config.attention("\(block).attentions.\(index)", at: place, channels: outputChannels, from: reader) : nil
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
  package init(_ index: Int, config: some UNetBlockConfiguration, from reader: ParameterReader) throws {
    let name = "down_blocks.\(index)", channels = config.blockOutChannels
    let output = channels[index], input = index == 0 ? channels[0] : channels[index - 1]
    layers = try (0..<config.layers(ofLevel: index)).map { layer in
      try UNetLayer(
        layer, of: name, at: .down(index), layer == 0 ? input : output, output, level: config.level(index),
        config: config, from: reader)
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

/// The block between the way down and the way up (`diffusers.UNetMidBlock2D`, `UNetMidBlock2DCrossAttn`).
package struct UNetMidBlock: Sendable {
  let layers: [UNetLayer]

  /// Reads the block.
  package init(config: some UNetBlockConfiguration, channels: Int, from reader: ParameterReader) throws {
    let level = config.level(config.blockOutChannels.count - 1)
    layers = try (0..<config.midBlockLayers).map { layer in
      try UNetLayer(
        layer, of: "mid_block", at: .middle, channels, channels, level: level, config: config, from: reader)
    }
  }

  /// The number of blocks that a forward pass reports for it.
  var blocks: Int { layers.reduce(0) { $0 + $1.blocks } }

  package func callAsFunction(_ input: FeatureMap, in pass: inout ForwardPass) throws -> FeatureMap {
    try layers.reduce(input) { try $1($0, in: &pass) }
  }
}

extension UNetMidBlock: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    layers.reduce(input) { $1.describe($0, in: &description) }
  }
}

/// A level on the way up (`diffusers.UpBlock2D`, `AttnUpBlock2D`).
package struct UNetUpBlock: Sendable {
  let layers: [UNetLayer]
  let upsampler: Convolution?

  /// Reads level `index`, counted from the smallest image.
  package init(_ index: Int, config: some UNetBlockConfiguration, from reader: ParameterReader) throws {
    let name = "up_blocks.\(index)", channels = Array(config.blockOutChannels.reversed())
    let output = channels[index], previous = index == 0 ? channels[0] : channels[index - 1]
    let input = channels[min(index + 1, channels.count - 1)], level = channels.count - 1 - index
    let last = config.layers(ofLevel: level)
    layers = try (0...last).map { layer in
      let skip = layer == last ? input : output
      return try UNetLayer(
        layer, of: name, at: .up(index), (layer == 0 ? previous : output) + skip, output, level: config.level(level),
        config: config, from: reader)
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
      if let size = Self.interpolated(from: (hidden.height, hidden.width), to: skips.last.map { ($0.height, $0.width) })
      {
        hidden = try hidden.resized(height: size.height, width: size.width, of: upsampler.name, in: pass.context)
        hidden = try upsampler.withoutUpsampling()(hidden, in: pass.context)
      } else {
        hidden = try upsampler(hidden, in: pass.context)
      }
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
    guard let upsampler else { return shape }
    guard let size = Self.interpolated(from: (shape.height, shape.width), to: skips.last.map { ($0.height, $0.width) })
    else { return upsampler.describe(shape, in: &description) }
    (shape.height, shape.width) = size
    return upsampler.withoutUpsampling().describe(shape, in: &description)
  }

  /// The size of the next level where it is not twice this one's, because the levels do not divide the sample's size.
  private static func interpolated(
    from size: (height: Int, width: Int), to next: (height: Int, width: Int)?
  ) -> (height: Int, width: Int)? {
    guard let next, next != (2 * size.height, 2 * size.width) else { return nil }
    return next
  }
}
