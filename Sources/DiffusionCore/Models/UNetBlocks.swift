import TensorKernels

/// What may follow a residual block.
package enum UNetAttention: Sendable {
  /// Self-attention over the pixels.
  case pixels(Attention)
  /// The same behind norms that the time embedding scales and shifts.
  case adaptive(KAttentionBlock)
  /// A transformer over the pixels, which attends to the text too.
  case text(Transformer2D)
  /// Attention of the pixels to the text and to each other at once.
  case added(AddedTextAttention)

  var name: String {
    switch self {
    case .pixels(let attention): attention.name
    case .adaptive(let attention): attention.name
    case .text(let transformer): transformer.name
    case .added(let attention): attention.name
    }
  }

  func callAsFunction(_ input: FeatureMap, in pass: ForwardPass) throws -> FeatureMap {
    switch self {
    case .pixels(let attention): return try attention(input, in: pass.context)
    case .adaptive(let attention):
      return try attention(input, time: pass.plainTime ?? pass.time, in: pass.context)
    case .text(let transformer):
      guard let text = pass.text else { preconditionFailure("\(transformer.name) got no text") }
      return try transformer(input, text: text, in: pass.context)
    case .added(let attention):
      guard let text = pass.text else { preconditionFailure("\(attention.name) got no text") }
      return try attention(input, text: text, in: pass.context)
    }
  }
}

extension UNetAttention: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    switch self {
    case .pixels(let attention): attention.describe(input, in: &description)
    case .adaptive(let attention): attention.describe(input, in: &description)
    case .text(let transformer): transformer.describe(input, in: &description)
    case .added(let attention): attention.describe(input, in: &description)
    }
  }
}

extension ResnetBlock2D {
  /// Applies the block with the time embedding of a pass.
  func callAsFunction(
    _ input: FeatureMap, concatenated skip: FeatureMap? = nil, in pass: inout ForwardPass
  ) throws -> FeatureMap {
    try pass.begin(name)
    let time = readsPlainTime ? pass.plainTime ?? pass.time : pass.time
    return try self(input, concatenated: skip, time: time, projections: pass.projections, in: pass.context)
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
    let hidden = try resnet(input, concatenated: skip, in: &pass)
    guard let attention else { return hidden }
    try pass.begin(attention.name)
    return try attention(hidden, in: pass)
  }
}

extension UNetLayer {
  /// Reads the layers of a block.
  static func layers(
    of plan: UNetLevelPlan, _ block: String, at place: UNetPlace, config: some UNetBlockConfiguration,
    from reader: ParameterReader
  ) throws -> [UNetLayer] {
    let end = plan.resnets.count - 1
    return try plan.resnets.enumerated().map { index, resnet in
      let attends = index < plan.attentions || (plan.attendsAtEnd && index == end)
      return UNetLayer(
        resnet: try ResnetBlock2D(
          "\(block).resnets.\(index)", config.form(resnet, of: plan, at: place), from: reader),
        attention: attends
          ? try config.attention(
            "\(block).attentions.\(plan.attendsAtEnd ? 0 : index)", at: place, channels: resnet.output, from: reader)
          : nil)
    }
  }
}

extension UNetLayer: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let shape = resnet.describe(input, in: &description)
    return attention?.describe(shape, in: &description) ?? shape
  }
}

/// The shapes that a description carries from block to block.
struct UNetShapes {
  /// Those of the tensors kept on the way down; nil in the place of one that is not kept.
  var skips: [FeatureShape?] = []
  /// That of the image that skip blocks carry beside the hidden state.
  var image: FeatureShape?
}

/// The block between the way down and the way up (`diffusers.UNetMidBlock2D`, `UNetMidBlock2DCrossAttn`).
package struct UNetMidBlock: Sendable {
  let layers: [UNetLayer]

  /// Reads the block.
  package init(config: some UNetBlockConfiguration, channels: Int, from reader: ParameterReader) throws {
    layers = try UNetLayer.layers(
      of: config.plan(at: .middle), "mid_block", at: .middle, config: config, from: reader)
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
