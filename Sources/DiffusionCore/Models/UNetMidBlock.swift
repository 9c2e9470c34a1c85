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

  /// How many blocks a forward pass reports for it.
  var blocks: Int { first.blocks + 1 }

  package func callAsFunction(_ input: FeatureMap, in pass: inout ForwardPass) throws -> FeatureMap {
    let hidden = try first(input, in: &pass)
    try pass.begin(second.name)
    return second(hidden, time: pass.time, in: pass.context)
  }
}

extension UNetMidBlock: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    second.describe(first.describe(input, in: &description), in: &description)
  }
}
