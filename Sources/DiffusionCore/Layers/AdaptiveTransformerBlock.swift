import TensorKernels

/// The embedding of a timestep and a class (`diffusers.CombinedTimestepLabelEmbeddings`).
package struct TimestepLabelEmbedding: Sendable {
  private static let timesteps = TimestepProjection.positional(
    Timesteps(channels: 256, flipSinToCos: true, freqShift: 1))

  private let name: String
  private let linear1, linear2: Convolution
  /// A row for each class, and one for none of them: `[classes + 1][channels]`, in the host's memory.
  private let table: [Float]
  private let channels: Int

  /// Reads `name.timestep_embedder` and `name.class_embedder`.
  ///
  /// - Parameters:
  ///   - classes: The number of classes; the table has one row more.
  ///   - channels: The channels of the embedding.
  package init(_ name: String, classes: Int, channels: Int, from reader: ParameterReader) throws {
    (self.name, self.channels) = (name, channels)
    let time = "\(name).timestep_embedder"
    linear1 = try Convolution(linear: ["\(time).linear_1"], Self.timesteps.channels, channels, from: reader)
    linear2 = try Convolution(linear: ["\(time).linear_2"], channels, channels, from: reader)
    table = try reader.read("\(name).class_embedder.embedding_table.weight", [classes + 1, channels])
  }

  /// What is embedded: the sinusoids of a timestep, and the row of each image's class.
  package struct Input: Sendable {
    fileprivate let sinusoids, rows: FeatureMap
  }

  /// Puts what is embedded into the device's memory.
  ///
  /// - Parameter labels: The class of each image, from 0 to the number of classes.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func input(_ timestep: Float, labels: [Int], in context: ComputeContext) throws -> Input {
    let sinusoids = try Self.timesteps(labels.map { _ in timestep }, of: linear1.name, in: context)
    let rows = try context.output(
      of: "\(name).class_embedder", batch: labels.count, height: 1, width: 1, channels: channels)
    try context.backend.upload(
      labels.flatMap { table[$0 * channels..<($0 + 1) * channels] }, to: rows.buffer)
    return Input(sinusoids: sinusoids, rows: rows)
  }

  /// SiLU of the embedding, `[batch][channels]`: every layer that reads it begins with that.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(_ input: Input, in context: ComputeContext) throws -> FeatureMap {
    var first = Convolution.Epilogue(), last = Convolution.Epilogue()
    first.silu = true
    (last.residual, last.silu) = (input.rows, true)
    return try linear2(linear1(input.sinusoids, epilogue: first, in: context), epilogue: last, in: context)
  }

  /// Checks that a timestep has sinusoids.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if it has none.
  package static func validate(_ timestep: Float) throws { try timesteps.validate(timestep) }
}

extension TimestepLabelEmbedding: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let vector = FeatureShape(channels: Self.timesteps.channels, height: 1, width: 1)
    let output = linear2.describe(linear1.describe(vector, in: &description), in: &description)
    description.add(
      "\(name).class_embedder", kind: "Embedding", output, parameters: table.count, flops: 0)
    return output
  }
}

/// Normalises tokens, then scales and shifts them by vectors of a conditioning (adaptive layer normalisation).
package struct AdaptiveLayerNorm: Sendable {
  private let norm: LayerNorm
  private let name: String

  /// Creates the norm `name` around a layer norm.
  package init(_ name: String, _ norm: LayerNorm) { (self.name, self.norm) = (name, norm) }

  /// Normalises tokens.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, scale: ChannelRange, shift: ChannelRange, in context: ComputeContext
  ) throws -> FeatureMap {
    try context.modulate(norm(input, in: context), .scale(scale, shift: shift), as: "\(name).modulation")
  }
}

extension AdaptiveLayerNorm: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let output = norm.describe(input, in: &description)
    description.addModulation("\(name).modulation", output)
    return output
  }
}

extension ComputeContext {
  /// Scales and shifts, or gates, tokens.
  fileprivate func modulate(
    _ input: FeatureMap, _ kind: ModulationOperation.Kind, as name: String
  ) throws -> FeatureMap {
    let output = try output(
      of: name, batch: input.batch, height: input.height, width: input.width, channels: input.channels)
    let operation = ModulationOperation(kind, input: input, output: output)
    try run(LayerWork(name, operation), of: name, output: output) { try $0.modulation(operation) }
    return output
  }
}

extension ModelDescription {
  fileprivate mutating func addModulation(_ name: String, _ shape: FeatureShape) {
    add(name, kind: "Modulation", shape, parameters: 0, flops: .product(2, shape.count))
  }
}

/// Self-attention and two linear layers over tokens, each behind an adaptive norm and a gate, around a residual
/// connection (`diffusers.BasicTransformerBlock` with `ada_norm_zero`).
package struct AdaptiveTransformerBlock: Sendable {
  /// What the blocks of a model have in common.
  package struct Shape: Sendable {
    /// The number of attention heads, and the channels of each.
    package var heads, headDim: Int
    /// The number of classes.
    package var classes: Int
    /// Whether queries, keys and values have a bias.
    package var attentionBias: Bool
    /// Whether the second norm has parameters.
    package var normAffine: Bool
    /// The value that the second norm adds to the variance.
    package var normEpsilon: Double
    /// The function between the two linear layers.
    package var activation: Activation
    /// Whether the function gates the other half of the first layer's channels.
    package var isGated: Bool

    /// The channels of a token.
    package var channels: Int { heads * headDim }
  }

  package let name: String
  private let embedding: TimestepLabelEmbedding
  private let modulation: Convolution
  private let norm1, norm3: AdaptiveLayerNorm
  private let queryKeyValue, output: Convolution
  private let linear1, linear2: Convolution
  private let shape: Shape

  /// Reads the block's parameters.
  package init(_ name: String, _ shape: Shape, from reader: ParameterReader) throws {
    (self.name, self.shape) = (name, shape)
    let channels = shape.channels
    embedding = try TimestepLabelEmbedding(
      "\(name).norm1.emb", classes: shape.classes, channels: channels, from: reader)
    modulation = try Convolution(linear: ["\(name).norm1.linear"], channels, 6 * channels, from: reader)
    norm1 = AdaptiveLayerNorm(
      "\(name).norm1",
      try LayerNorm(plain: "\(name).norm1.norm", channels: channels, epsilon: 1e-6, from: reader))
    let second = "\(name).norm3", epsilon = shape.normEpsilon
    norm3 = AdaptiveLayerNorm(
      second,
      shape.normAffine
        ? try LayerNorm(second, channels: channels, epsilon: epsilon, from: reader)
        : try LayerNorm(plain: second, channels: channels, epsilon: epsilon, from: reader))
    queryKeyValue = try Convolution(
      linear: ["q", "k", "v"].map { "\(name).attn1.to_\($0)" }, as: "\(name).attn1.to_qkv", channels, channels,
      hasBias: shape.attentionBias, from: reader)
    output = try Convolution(linear: ["\(name).attn1.to_out.0"], channels, channels, from: reader)
    let inner = 4 * channels
    linear1 = try Convolution(
      linear: ["\(name).ff.net.0.proj"], channels, (shape.isGated ? 2 : 1) * inner, from: reader)
    linear2 = try Convolution(linear: ["\(name).ff.net.2"], inner, channels, from: reader)
  }

  /// Puts into the device's memory what the block embeds: a timestep and the class of each image. A model does so for
  /// all of its blocks before the first of them runs.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func input(
    _ timestep: Float, labels: [Int], in context: ComputeContext
  ) throws -> TimestepLabelEmbedding.Input {
    try embedding.input(timestep, labels: labels, in: context)
  }

  /// SiLU of the block's embedding of a timestep and the class of each image, `[batch][channels]`.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func embed(_ input: TimestepLabelEmbedding.Input, in context: ComputeContext) throws -> FeatureMap {
    try embedding(input, in: context)
  }

  /// Applies the block to tokens.
  ///
  /// - Parameter embedding: What ``embed(_:in:)`` gave.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, embedding: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    let vectors = try modulation(embedding, in: context)
    let (shift1, scale1, gate1) = (vector(0, of: vectors), vector(1, of: vectors), vector(2, of: vectors))
    let (shift2, scale2, gate2) = (vector(3, of: vectors), vector(4, of: vectors), vector(5, of: vectors))
    let normalized = try norm1(input, scale: scale1, shift: shift1, in: context)
    let attended = try output(attend(queryKeyValue(normalized, in: context), in: context), in: context)
    let hidden = try context.modulate(attended, .gate(gate1, residual: input), as: "\(name).attn1.gate")
    let expanded = try linear1(norm3(hidden, scale: scale2, shift: shift2, in: context), in: context)
    let activated = try shape.activation(expanded, isGated: shape.isGated, as: activationName, in: context)
    return try context.modulate(
      linear2(activated, in: context), .gate(gate2, residual: hidden), as: "\(name).ff.gate")
  }

  private func vector(_ index: Int, of map: FeatureMap) -> ChannelRange {
    ChannelRange(map, from: index * shape.channels)
  }

  private var coreName: String { "\(name).attn1.attention" }
  private var activationName: String { "\(name).ff.net.0.activation" }

  private func attend(_ queryKeyValue: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    let attended = try context.output(
      of: coreName, batch: queryKeyValue.batch, height: queryKeyValue.height, width: queryKeyValue.width,
      channels: shape.channels)
    let operation = AttentionOperation(
      heads: shape.heads, scale: 1 / Float(shape.headDim).squareRoot(), queryKeyValue: queryKeyValue, output: attended)
    try context.run(LayerWork(coreName, operation), of: coreName, output: attended) {
      try $0.attention(operation, check: context.check)
    }
    return attended
  }
}

extension AdaptiveTransformerBlock: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    _ = modulation.describe(embedding.describe(input, in: &description), in: &description)
    _ = queryKeyValue.describe(norm1.describe(input, in: &description), in: &description)
    let tokens = Int.product(input.height, input.width)
    description.add(
      coreName, kind: "Attention", input, parameters: 0, flops: .product(4, tokens, tokens, shape.channels))
    _ = output.describe(input, in: &description)
    description.addModulation("\(name).attn1.gate", input)
    var inner = linear1.describe(norm3.describe(input, in: &description), in: &description)
    inner.channels = 4 * shape.channels
    description.add(
      activationName, kind: "Activation", inner, parameters: 0,
      flops: .product(shape.isGated ? 5 : 4, inner.count))
    let result = linear2.describe(inner, in: &description)
    description.addModulation("\(name).ff.gate", result)
    return result
  }
}
