import TensorKernels

/// A transformer that predicts the embedding of an image from that of a text
/// (`diffusers.PriorTransformer`, `models/transformers/prior_transformer.py`; Ramesh et al. 2022, arXiv 2204.06125,
/// section 2.2).
///
/// The same input and weights give the same bits on every device, with any number of threads, alone or in a batch.
public final class PriorTransformer: Network {
  /// The configuration it was built from.
  public let config: PriorTransformerConfig
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  private let layers: PriorTransformerLayers
  /// The mean and the deviation of image embeddings, `[predictedDim]`.
  private let clipMean, clipStd: [Float]

  /// Creates a model from its configuration and its weights, each of which must be present, have the right shape, and
  /// be used.
  ///
  /// - Parameters:
  ///   - config: The configuration.
  ///   - parameters: The weights.
  ///   - device: The device to compute on.
  ///   - threads: The number of threads, 1 to 1024.
  ///   - weights: The precision that the weights are rounded to.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: ``DiffusionError``: `badData` for a configuration that contradicts itself or weights that do not fit it,
  ///   `usage` or `unavailable` for a number of threads that is not possible; what `progress` throws.
  public init(
    config: PriorTransformerConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try PriorTransformer.checked(parameters, config, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    (layers, clipMean, clipStd) = try PriorTransformer.layers(config, from: reader)
    fileNotes = reader.finish()
    self.config = config
  }

  private static func layers(
    _ config: PriorTransformerConfig, from reader: ParameterReader
  ) throws -> (PriorTransformerLayers, clipMean: [Float], clipStd: [Float]) {
    let layers = try PriorTransformerLayers(config, from: reader), statistics = [1, config.predictedDim]
    return (layers, try reader.read("clip_mean", statistics), try reader.read("clip_std", statistics))
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: PriorTransformerConfig, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try parameters.checked(progress: progress) { try layers(config, from: $0) }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> PriorTransformer {
    try PriorTransformer(
      config: config, parameters: opening.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Predicts an image embedding from a noisy one, a timestep and a text.
  ///
  /// - Parameters:
  ///   - input: The sample, `[batch, embeddingDim]`; the text's tokens, `[batch, numEmbeddings, channels]`, as
  ///     encoder hidden states; the text as a whole, `[batch, features]`, as text embeds. With a mask of its tokens, a
  ///     token attends to those up to its own place alone; without one, to all.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: `[batch, clipEmbedDim]`.
  /// - Throws: ``DiffusionError`` (`usage`) if a part of the input is missing or does not fit, or the timestep is
  ///   beyond 2^20; what `progress` throws.
  public func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler? = nil) throws -> Tensor<Float> {
    try predict(input, progress: progress)
  }

  /// Predicts, with an observer or a profiler of the layers.
  package func predict(
    _ input: ModelInput, observer: LayerObserver? = nil, profiler: LayerProfiler? = nil,
    progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try validate(input)
    context.backend.begin(use: input.sample.shape)
    var context = context
    (context.observer, context.profiler) = (observer, profiler)
    guard let mask = input.conditioning.encoderAttentionMask else {
      return try layers(input, tokens: nil, in: context, progress: progress)
    }
    return try input.eachTextGroup(mask) { part, group, index, count in
      try layers(part, tokens: group.tokens, in: context) { try progress?($0.part(index, of: count)) }
    }
  }

  private func validate(_ input: ModelInput) throws {
    let shape = input.sample.shape, batch = shape.first ?? 0, given = input.conditioning
    guard batch > 0, shape == [batch, config.embeddingDim] else {
      throw DiffusionError(
        .usage, "a sample of shape \(shape) does not fit the prior: expected [batch, \(config.embeddingDim)]")
    }
    try config.timesteps.validate(input.timestep)
    guard let text = given.encoderHiddenStates, let whole = given.textEmbeds else {
      throw DiffusionError(.usage, "the prior takes a text: expected its hidden states and its embedding, found none")
    }
    try text.require([batch, config.numEmbeddings, config.textChannels], "encoder hidden states")
    try whole.require([batch, config.textEmbedDim], "text embeds")
    try input.validateTextMask()
  }

  /// The embedding that a prior's last sample stands for (`post_process_latents`): its elements times the deviation of
  /// image embeddings, plus their mean, each operation rounded by itself.
  ///
  /// - Parameter latents: `[batch, clipEmbedDim]`.
  /// - Returns: `[batch, clipEmbedDim]`.
  /// - Throws: ``DiffusionError`` (`usage`) for another shape.
  public func postProcess(_ latents: Tensor<Float>) throws -> Tensor<Float> {
    let batch = latents.shape.first ?? 0, count = config.predictedDim
    try latents.require([batch, count], "latents of the prior")
    return Tensor(
      unchecked: [batch, count],
      latents.scalars.enumerated().map { $0.element * clipStd[$0.offset % count] + clipMean[$0.offset % count] })
  }
}

extension PriorTransformer {
  /// The layers, in the order they run, for one image with a text of full length.
  public func describe() -> ModelDescription {
    var description = ModelDescription()
    layers.describe(in: &description)
    description.add(
      "clip_std", kind: "Embedding", FeatureShape(channels: config.predictedDim, height: 1, width: 1),
      parameters: .product(2, config.predictedDim), flops: .product(2, config.predictedDim))
    return description
  }

  /// Predicts again, checking the output of each layer, and returns the first that is not finite.
  ///
  /// - Parameters:
  ///   - input: As for ``callAsFunction(_:progress:)``.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: The sample itself if it is not finite; nil if all is finite.
  /// - Throws: As ``callAsFunction(_:progress:)``.
  public func firstNonFiniteLayer(
    _ input: ModelInput, progress: ForwardProgressHandler? = nil
  ) throws -> NonFiniteLayer? {
    try NonFiniteSearch.first(from: input.sample, progress: progress) { observer, progress in
      _ = try predict(input, observer: observer, progress: progress)
    }
  }
}
