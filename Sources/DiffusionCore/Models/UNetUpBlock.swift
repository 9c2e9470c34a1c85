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
    var geometry = Convolution.Geometry()
    geometry.upsample = true
    upsampler =
      index == channels.count - 1
      ? nil
      : try Convolution(
        "\(name).upsamplers.0.conv", output, output, geometry, at: config.level(level - 1), from: reader)
  }

  /// How many blocks a forward pass reports for it.
  var blocks: Int { layers.reduce(0) { $0 + $1.blocks } + (upsampler == nil ? 0 : 1) }

  /// Each layer takes the last of `skips` beside its input.
  package func callAsFunction(
    _ input: FeatureMap, skips: inout [FeatureMap], in pass: inout ForwardPass
  ) throws -> FeatureMap {
    var hidden = input
    for layer in layers {
      hidden = try layer(hidden, concatenated: skips.popLast(), in: &pass)
    }
    if let upsampler {
      try pass.begin(upsampler.name)
      hidden = upsampler(hidden, in: pass.context)
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
