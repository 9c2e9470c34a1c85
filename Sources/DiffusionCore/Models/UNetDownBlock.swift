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
    var geometry = Convolution.Geometry()
    (geometry.stride, geometry.padding) = (2, config.downsamplePadding)
    downsampler =
      index == channels.count - 1
      ? nil : try Convolution("\(name).downsamplers.0.conv", output, output, geometry, from: reader)
  }

  /// How many blocks a forward pass reports for it.
  var blocks: Int { layers.reduce(0) { $0 + $1.blocks } + (downsampler == nil ? 0 : 1) }

  /// Every intermediate output is kept in `skips` for the way up.
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
      hidden = downsampler(hidden, in: pass.context)
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
