import TensorKernels

/// A layer of one of CLIP's encoders: attention and two linear layers, each behind a norm and around a residual
/// connection (`CLIPEncoderLayer`).
struct CLIPEncoderLayer: Sendable {
  /// What a configuration asks for.
  struct Form: Sendable {
    /// The channels of a token.
    var channels: Int
    /// The channels between the two linear layers.
    var intermediate: Int
    /// The number of attention heads, a divisor of the channels.
    var heads: Int
    /// The value that norms add to the variance.
    var epsilon: Double
    /// The function between the two linear layers.
    var activation: CLIPTextConfig.HiddenAct
    /// Whether a token attends to those before it alone.
    var isCausal: Bool
  }

  let name: String
  private let norm1, norm2: LayerNorm
  private let queryKeyValue, output: Convolution
  private let linear1, linear2: Convolution
  private let activation: Activation
  private let heads: Int
  private let isCausal: Bool

  /// Reads the layer's parameters.
  init(_ index: Int, _ form: Form, from reader: ParameterReader) throws {
    name = "encoder.layers.\(index)"
    let channels = form.channels, attention = "\(name).self_attn"
    norm1 = try LayerNorm("\(name).layer_norm1", channels: channels, epsilon: form.epsilon, from: reader)
    queryKeyValue = try Convolution(
      linear: ["q", "k", "v"].map { "\(attention).\($0)_proj" }, as: "\(attention).qkv_proj", channels, channels,
      from: reader)
    output = try Convolution(linear: ["\(attention).out_proj"], channels, channels, from: reader)
    norm2 = try LayerNorm("\(name).layer_norm2", channels: channels, epsilon: form.epsilon, from: reader)
    linear1 = try Convolution(linear: ["\(name).mlp.fc1"], channels, form.intermediate, from: reader)
    linear2 = try Convolution(linear: ["\(name).mlp.fc2"], form.intermediate, channels, from: reader)
    (heads, isCausal) = (form.heads, form.isCausal)
    activation =
      switch form.activation {
      case .quickGELU: .quickGELU
      case .gelu: .gelu
      }
  }

  /// Applies the layer to hidden states, maps of height 1 with a column for each token.
  func callAsFunction(_ input: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    var epilogue = Convolution.Epilogue()
    epilogue.residual = input
    let attended = try attend(queryKeyValue(norm1(input, in: context), in: context), in: context)
    let hidden = try output(attended, epilogue: epilogue, in: context)
    epilogue.residual = hidden
    let expanded = try linear1(norm2(hidden, in: context), in: context)
    let activated = try activation(expanded, as: "\(name).mlp.activation_fn", in: context)
    return try linear2(activated, epilogue: epilogue, in: context)
  }

  private func attend(_ queryKeyValue: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    let core = "\(name).self_attn.attention", channels = queryKeyValue.channels / 3
    let attended = try context.output(
      of: core, batch: queryKeyValue.batch, height: 1, width: queryKeyValue.width, channels: channels)
    var operation = AttentionOperation(
      heads: heads, scale: 1 / Float(channels / heads).squareRoot(), queryKeyValue: queryKeyValue, output: attended)
    operation.isCausal = isCausal
    let ready = operation
    try context.run(LayerWork(core, ready), of: core, output: attended) {
      try $0.attention(ready, check: context.check)
    }
    return attended
  }
}

extension CLIPEncoderLayer: DescribedLayer {
  func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    _ = norm1.describe(input, in: &description)
    _ = queryKeyValue.describe(input, in: &description)
    description.add(
      "\(name).self_attn.attention", kind: "Attention", input, parameters: 0,
      flops: .product(4, input.width, input.count))
    _ = output.describe(input, in: &description)
    _ = norm2.describe(input, in: &description)
    let expanded = linear1.describe(input, in: &description)
    description.add(
      "\(name).mlp.activation_fn", kind: "Activation", expanded, parameters: 0, flops: .product(4, expanded.count))
    return linear2.describe(expanded, in: &description)
  }
}
