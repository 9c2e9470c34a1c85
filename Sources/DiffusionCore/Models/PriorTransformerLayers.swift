import TensorKernels

/// The layers of a prior, from its inputs to its prediction.
struct PriorTransformerLayers: Sendable {
  private let config: PriorTransformerConfig
  private let time1, time2: Convolution
  private let sampleProjection: Convolution
  private let embeddingNorm: LayerNorm?
  private let embeddingProjection: Convolution
  private let textProjection: Convolution?
  /// A row for each token.
  private let positions: ParameterRows
  /// The token in whose place the prediction comes out, if it has one of its own.
  private let prediction: ParameterRows?
  private let normIn: LayerNorm?
  private let blocks: [PriorTransformerBlock]
  private let normOut: LayerNorm
  private let output: Convolution

  /// The names of what it computes itself, in reports.
  private enum Name {
    static let activation = "time_embedding.act"
    static let tokens = "positional_embedding"
    static let last = "norm_out.last"
  }

  /// Reads the parameters.
  init(_ config: PriorTransformerConfig, from reader: ParameterReader) throws {
    self.config = config
    let channels = config.innerDim, time = config.timeEmbedDim ?? channels
    time1 = try Convolution(linear: ["time_embedding.linear_1"], channels, time, from: reader)
    time2 = try Convolution(linear: ["time_embedding.linear_2"], time, channels, from: reader)
    sampleProjection = try Convolution(linear: ["proj_in"], config.embeddingDim, channels, from: reader)
    embeddingNorm =
      config.normsEmbedding
      ? try LayerNorm("embedding_proj_norm", channels: config.textEmbedDim, from: reader) : nil
    embeddingProjection = try Convolution(linear: ["embedding_proj"], config.textEmbedDim, channels, from: reader)
    textProjection =
      config.projectsText
      ? try Convolution(linear: ["encoder_hidden_states_proj"], config.embeddingDim, channels, from: reader) : nil
    positions = try ParameterRows("positional_embedding", [1, config.tokens, channels], from: reader)
    prediction =
      config.hasPredictionToken ? try ParameterRows("prd_embedding", [1, 1, channels], from: reader) : nil
    normIn = config.normsInput ? try LayerNorm("norm_in", channels: channels, from: reader) : nil
    blocks = try (0..<config.numLayers).map {
      try PriorTransformerBlock(
        "transformer_blocks.\($0)", channels: channels, heads: config.numAttentionHeads, from: reader)
    }
    normOut = try LayerNorm("norm_out", channels: channels, from: reader)
    output = try Convolution(linear: ["proj_to_clip_embeddings"], channels, config.predictedDim, from: reader)
  }

  /// Predicts from an input that was checked: `[batch, predictedDim]`.
  ///
  /// - Parameters:
  ///   - tokens: For each image the places in its text of the tokens that are there, with which attention is causal;
  ///     nil for all of them, which attend to each other.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it; what `progress` throws.
  func callAsFunction(
    _ input: ModelInput, tokens: [[Int]]?, in context: ComputeContext, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    let total = blocks.count + 2
    var context = context
    try context.begin(ForwardProgress(block: "proj_in", completed: 0, total: total), progress)
    var hidden = try sequence(input, tokens: tokens, in: context)
    if let normIn { hidden = try normIn(hidden, in: context) }
    for (index, block) in blocks.enumerated() {
      try context.begin(ForwardProgress(block: block.name, completed: index + 1, total: total), progress)
      hidden = try block(hidden, isCausal: tokens != nil, in: context)
    }
    try context.begin(ForwardProgress(block: output.name, completed: total - 1, total: total), progress)
    let last = try normOut(hidden, in: context).pixel(hidden.width - 1, of: Name.last, in: context)
    let predicted = try output(last, in: context)
    return Tensor(
      unchecked: [predicted.batch, predicted.channels], try context.backend.download(predicted.buffer))
  }

  /// The tokens of the text, the text as a whole, the timestep, the sample and the prediction, each with its position.
  private func sequence(
    _ input: ModelInput, tokens: [[Int]]?, in context: ComputeContext
  ) throws -> FeatureMap {
    let batch = input.sample.shape[0]
    let given = input.conditioning, text = try text(given.encoderHiddenStates, in: context)
    var others = [
      try embedding(given.textEmbeds, in: context), try time(input, in: context),
      try sampleProjection(FeatureMap(rows: input.sample, of: sampleProjection.name, in: context), in: context),
    ]
    if let prediction {
      others.append(try prediction(Array(repeating: [0], count: batch), of: Name.tokens, in: context))
    }
    let places = places(batch, length: text?.width ?? 0, tokens)
    return try FeatureMap.sequence(
      (text.map { [$0] } ?? []) + others, adding: positions(places, of: Name.tokens, in: context), of: Name.tokens,
      in: context)
  }

  /// The places of the tokens of each image.
  private func places(_ batch: Int, length: Int, _ tokens: [[Int]]?) -> [[Int]] {
    (0..<batch).map { image in
      let text = tokens.map { Array($0[image].prefix(length)) } ?? Array(0..<length)
      return text + (0..<3).map { config.numEmbeddings + $0 } + (config.hasPredictionToken ? [config.tokens - 1] : [])
    }
  }

  private func text(_ states: Tensor<Float>?, in context: ComputeContext) throws -> FeatureMap? {
    guard let states else { return nil }
    let map = try context.output(
      of: textProjection?.name ?? Name.tokens, batch: states.shape[0], height: 1, width: states.shape[1],
      channels: states.shape[2])
    try context.backend.upload(states.scalars, to: map.buffer)
    return try textProjection?(map, in: context) ?? map
  }

  private func embedding(_ embeds: Tensor<Float>?, in context: ComputeContext) throws -> FeatureMap {
    let rows = embeds ?? Tensor(unchecked: [0, config.textEmbedDim], [])
    let map = try FeatureMap(rows: rows, of: embeddingProjection.name, in: context)
    return try embeddingProjection(embeddingNorm?(map, in: context) ?? map, in: context)
  }

  private func time(_ input: ModelInput, in context: ComputeContext) throws -> FeatureMap {
    let batch = input.sample.shape[0], activation = config.timeEmbedActFn.function
    let sinusoids = try TimestepProjection.positional(config.timesteps)(
      Array(repeating: input.timestep, count: batch), of: time1.name, in: context)
    var epilogue = Convolution.Epilogue()
    epilogue.silu = activation == .silu
    let hidden = try time1(sinusoids, epilogue: epilogue, in: context)
    let activated = activation == .silu ? hidden : try activation(hidden, as: Name.activation, in: context)
    return try time2(activated, in: context)
  }
}

extension PriorTransformerLayers {
  /// Adds the layers to a description, for one image with a text of full length.
  func describe(in description: inout ModelDescription) {
    let channels = config.innerDim, shape = FeatureShape(channels: channels, height: 1, width: config.tokens)
    func vector(_ channels: Int) -> FeatureShape { FeatureShape(channels: channels, height: 1, width: 1) }
    let text = FeatureShape(channels: config.textChannels, height: 1, width: config.numEmbeddings)
    _ = textProjection?.describe(text, in: &description)
    _ = embeddingNorm?.describe(vector(config.textEmbedDim), in: &description)
    _ = embeddingProjection.describe(vector(config.textEmbedDim), in: &description)
    let hidden = time1.describe(vector(channels), in: &description), activation = config.timeEmbedActFn.function
    if activation != .silu { activation.describe(hidden, as: Name.activation, in: &description) }
    _ = time2.describe(hidden, in: &description)
    _ = sampleProjection.describe(vector(config.embeddingDim), in: &description)
    description.add(
      Name.tokens, kind: "Embedding", shape, parameters: .sum(of: [positions.count, prediction?.count ?? 0]),
      flops: shape.count)
    _ = normIn?.describe(shape, in: &description)
    for block in blocks { _ = block.describe(shape, in: &description) }
    _ = normOut.describe(shape, in: &description)
    _ = output.describe(vector(channels), in: &description)
  }
}
