import TensorKernels

/// CLIP's text encoder (`CLIPTextModel` and `CLIPTextModelWithProjection` of transformers): the tokens of texts become
/// hidden states, which a UNet attends to.
///
/// The same tokens and weights give the same bits on every device, with any number of threads, alone or in a batch.
public final class CLIPTextModel: Network {
  /// What follows the norm at the end.
  public enum Head: Sendable {
    /// Nothing (`CLIPTextModel`).
    case none
    /// A linear layer for the hidden state of the text's end (`CLIPTextModelWithProjection`).
    case projection
  }

  /// The configuration it was built from.
  public let config: CLIPTextConfig
  /// What follows the norm at the end.
  public let head: Head
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  /// `[vocabSize][hiddenSize]` and `[maxPositionEmbeddings][hiddenSize]`, in the host's memory.
  private let tokenEmbedding, positionEmbedding: [Float]
  private let layers: [CLIPEncoderLayer]
  private let finalLayerNorm: LayerNorm
  private let textProjection: Convolution?

  /// Creates a model from its configuration and its weights, each of which must be present, have the right shape, and
  /// be used. Their names may begin with `text_model.`, as transformers wrote them before version 5; `position_ids`,
  /// which old checkpoints hold, is ignored.
  ///
  /// - Parameters:
  ///   - config: The configuration.
  ///   - parameters: The weights.
  ///   - head: What follows the norm at the end.
  ///   - device: The device to compute on.
  ///   - threads: The number of threads, 1 to 1024.
  ///   - weights: The precision that the weights are rounded to.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: ``DiffusionError``: `badData` for a configuration that contradicts itself or weights that do not fit it,
  ///   `usage` or `unavailable` for a number of threads that is not possible; what `progress` throws.
  public init(
    config: CLIPTextConfig, parameters: ParameterStore, head: Head = .none, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try CLIPTextModel.checked(parameters, config, head, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    (tokenEmbedding, positionEmbedding, layers, finalLayerNorm, textProjection) = try CLIPTextModel.layers(
      config, head, from: reader)
    fileNotes = reader.finish()
    (self.config, self.head) = (config, head)
  }

  private static func layers(
    _ config: CLIPTextConfig, _ head: Head, from reader: ParameterReader
  ) throws -> (
    tokenEmbedding: [Float], positionEmbedding: [Float], [CLIPEncoderLayer], LayerNorm, textProjection: Convolution?
  ) {
    reader.ignore("embeddings.position_ids")
    let tokenEmbedding = try reader.read(
      "embeddings.token_embedding.weight", [config.vocabSize, config.hiddenSize])
    let positionEmbedding = try reader.read(
      "embeddings.position_embedding.weight", [config.maxPositionEmbeddings, config.hiddenSize])
    let layers = try (0..<config.numHiddenLayers).map { try CLIPEncoderLayer($0, config.layer, from: reader) }
    let finalLayerNorm = try LayerNorm(
      "final_layer_norm", channels: config.hiddenSize, epsilon: config.layerNormEps, from: reader)
    let textProjection: Convolution? =
      switch head {
      case .none: nil
      case .projection:
        try Convolution(
          linear: ["text_projection"], config.hiddenSize, config.projectionDim, hasBias: false, from: reader)
      }
    return (tokenEmbedding, positionEmbedding, layers, finalLayerNorm, textProjection)
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: CLIPTextConfig, _ head: Head, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try named(parameters).checked(progress: progress) { try layers(config, head, from: $0) }
  }

  /// The weights by their names without `text_model.`.
  private static func named(_ parameters: ParameterStore) throws -> ParameterStore {
    let prefix = "text_model."
    return try parameters.renaming { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> CLIPTextModel {
    try CLIPTextModel(
      config: config, parameters: opening.parameters, head: head, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Encodes texts.
  ///
  /// - Parameters:
  ///   - tokens: The numbers of the tokens of each text, `[batch][tokens]`, as many for each, at most
  ///     `maxPositionEmbeddings`.
  ///   - clipSkip: The number of layers at the end whose work is left out of `lastHiddenState` (`clip_skip`).
  ///   - progress: Called before each layer runs; an error it throws stops the pass there.
  /// - Throws: ``DiffusionError`` (`usage`) for tokens that do not fit or as many layers as there are not, or what
  ///   `progress` throws.
  public func callAsFunction(
    _ tokens: [[Int]], clipSkip: Int = 0, progress: ForwardProgressHandler? = nil
  ) throws -> CLIPTextOutput {
    try encode(tokens, clipSkip: clipSkip, progress: progress)
  }

  /// Encodes texts, with an observer or a profiler of the layers.
  package func encode(
    _ tokens: [[Int]], clipSkip: Int = 0, observer: LayerObserver? = nil, profiler: LayerProfiler? = nil,
    progress: ForwardProgressHandler? = nil
  ) throws -> CLIPTextOutput {
    try check(tokens, clipSkip: clipSkip)
    context.backend.begin(use: [tokens.count, tokens[0].count])
    var context = context
    (context.observer, context.profiler) = (observer, profiler)
    var hidden = [try embeddings(tokens, in: context)]
    for (index, layer) in layers.enumerated() {
      try context.begin(ForwardProgress(block: layer.name, completed: index, total: layers.count), progress)
      hidden.append(try layer(hidden[index], in: context))
    }
    let last = try finalLayerNorm(hidden[layers.count], in: context)
    let chosen = clipSkip == 0 ? last : try finalLayerNorm(hidden[layers.count - clipSkip], in: context)
    let pooled = try pooled(last, tokens, in: context), projected = try textProjection?(pooled, in: context)
    return CLIPTextOutput(
      lastHiddenState: try tensor(chosen), hiddenStates: try hidden.map(tensor),
      pooledOutput: Tensor(unchecked: [tokens.count, pooled.channels], try context.backend.download(pooled.buffer)),
      textEmbeds: try projected.map {
        Tensor(unchecked: [tokens.count, $0.channels], try context.backend.download($0.buffer))
      })
  }

  private func check(_ tokens: [[Int]], clipSkip: Int) throws {
    guard let count = tokens.first?.count, count > 0, tokens.allSatisfy({ $0.count == count }) else {
      throw DiffusionError(.usage, "tokens do not fit: expected texts with the same number of tokens, at least one")
    }
    guard count <= config.maxPositionEmbeddings else {
      throw DiffusionError(
        .usage, "a text has \(count) tokens: expected at most \(config.maxPositionEmbeddings), max_position_embeddings")
    }
    if let token = tokens.joined().first(where: { !(0..<config.vocabSize).contains($0) }) {
      throw DiffusionError(
        .usage,
        "token \(token) is not in the text encoder's vocabulary: expected 0 to \(config.vocabSize - 1); "
          + "do tokenizer and text encoder belong together?")
    }
    guard (0...layers.count).contains(clipSkip) else {
      throw DiffusionError(.usage, "clip skip is \(clipSkip): expected 0 to \(layers.count), the number of layers")
    }
  }

  /// The sums of the embeddings of tokens and places.
  private func embeddings(_ tokens: [[Int]], in context: ComputeContext) throws -> FeatureMap {
    let name = "embeddings", channels = config.hiddenSize
    let output = try context.output(
      of: name, batch: tokens.count, height: 1, width: tokens[0].count, channels: channels)
    var elements: [Float] = []
    elements.reserveCapacity(output.buffer.count)
    for (place, token) in tokens.flatMap({ $0.enumerated() }) {
      elements += (0..<channels).map { channel in
        tokenEmbedding[token * channels + channel] + positionEmbedding[place * channels + channel]
      }
    }
    try context.backend.upload(elements, to: output.buffer)
    try context.observer?(name, output.tensor(on: context.backend))
    return output
  }

  /// The hidden state of each text's end, `[batch][hiddenSize]`.
  private func pooled(_ last: FeatureMap, _ tokens: [[Int]], in context: ComputeContext) throws -> FeatureMap {
    let name = "pooler", channels = last.channels
    let output = try context.output(of: name, batch: last.batch, height: 1, width: 1, channels: channels)
    // Each text has its own place, so that the texts are read as one, and their ends written as one's tokens.
    let states = FeatureMap(width: last.batch * last.width, channels: channels, sharing: last.buffer)
    let parts = tokens.enumerated().map { text, tokens in
      PlacementOperation.Part(
        ChannelRange(states), height: 1, width: 1, pixel: text * last.width + place(ofEndIn: tokens), firstPixel: text)
    }
    let ends = FeatureMap(width: last.batch, channels: channels, sharing: output.buffer)
    try context.naming(name) { try context.backend.place(PlacementOperation(parts, output: ends)) }
    return output
  }

  /// The place of the token that stands for a text: the first end, or the first token if there is none.
  private func place(ofEndIn tokens: [Int]) -> Int {
    let end = config.eosTokenID == 2 ? tokens.max() : config.eosTokenID
    return tokens.firstIndex { $0 == end } ?? 0
  }

  private func tensor(_ map: FeatureMap) throws -> Tensor<Float> {
    Tensor(unchecked: [map.batch, map.width, map.channels], try context.backend.download(map.buffer))
  }
}

/// What CLIP's text encoder makes of texts.
public struct CLIPTextOutput: Sendable, Equatable {
  /// The hidden states behind the last layer, or one before it with clip skip, and the norm at the end:
  /// `[batch, tokens, hiddenSize]`.
  public let lastHiddenState: Tensor<Float>
  /// The hidden states before the first layer and behind each, without that norm; the last but one is the penultimate.
  public let hiddenStates: [Tensor<Float>]
  /// The hidden state of the text's end, behind the last layer and the norm: `[batch, hiddenSize]`.
  public let pooledOutput: Tensor<Float>
  /// Its projection, `[batch, projectionDim]`; nil without one.
  public let textEmbeds: Tensor<Float>?
}

extension CLIPTextModel {
  /// The layers, in the order they run, for one text of a number of tokens.
  public func describe(tokens: Int) -> ModelDescription {
    var description = ModelDescription()
    let shape = FeatureShape(channels: config.hiddenSize, height: 1, width: tokens)
    description.add(
      "embeddings", kind: "Embedding", shape, parameters: tokenEmbedding.count + positionEmbedding.count,
      flops: shape.count)
    for layer in layers { _ = layer.describe(shape, in: &description) }
    _ = finalLayerNorm.describe(shape, in: &description)
    _ = textProjection?.describe(FeatureShape(channels: config.hiddenSize, height: 1, width: 1), in: &description)
    return description
  }
}
