/// A residual block and the attention that may follow it: what the UNet's levels are made of.
package struct UNetLayer: Sendable {
  let resnet: ResnetBlock2D
  let attention: Attention?

  /// How many blocks a forward pass reports for it.
  var blocks: Int { attention == nil ? 1 : 2 }

  func callAsFunction(
    _ input: FeatureMap, concatenated skip: FeatureMap? = nil, in pass: inout ForwardPass
  ) throws -> FeatureMap {
    try pass.begin(resnet.name)
    let hidden = resnet(input, concatenated: skip, time: pass.time, in: pass.context)
    guard let attention else { return hidden }
    try pass.begin(attention.name)
    return attention(hidden, in: pass.context)
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
