import TensorKernels

/// A UNet that predicts the noise in latents under the guidance of a text (`diffusers.UNet2DConditionModel`,
/// `models/unets/unet_2d_condition.py`).
///
/// The same input and weights give the same bits on every device, with any number of threads, alone or in a batch.
public final class UNet2DConditionModel: Network {
  /// The configuration it was built from.
  public let config: UNet2DConditionModelConfig
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  private let timeEmbedding: UNetTimeEmbedding
  private let stages: UNetStages

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
    config: UNet2DConditionModelConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try UNet2DConditionModel.checked(parameters, config, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    (stages, timeEmbedding) = try UNet2DConditionModel.layers(config, from: reader)
    fileNotes = reader.finish()
    self.config = config
  }

  private static func layers(
    _ config: UNet2DConditionModelConfig, from reader: ParameterReader
  ) throws -> (UNetStages, UNetTimeEmbedding) {
    (try UNetStages(config, from: reader), try UNetTimeEmbedding(config.timeEmbedding, from: reader))
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: UNet2DConditionModelConfig, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try parameters.checked(progress: progress) { try layers(config, from: $0) }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> UNet2DConditionModel {
    try UNet2DConditionModel(
      config: config, parameters: opening.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Predicts from a sample, a timestep and their conditioning.
  ///
  /// - Parameters:
  ///   - input: The sample, `[batch, inChannels, height, width]`; a text, `[batch, tokens, textChannels]`, where the
  ///     model has cross-attention, and a mask of its tokens if some of them do not count (`encoder_attention_mask`;
  ///     unCLIP calls it `attention_mask`); class labels, class embeddings or a condition of the timestep where the
  ///     configuration has them.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: `[batch, outChannels, height, width]`.
  /// - Throws: ``DiffusionError`` (`usage`) if a part of the input is missing or does not fit, or the timestep is
  ///   beyond 2^20; what `progress` throws.
  public func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler? = nil) throws -> Tensor<Float> {
    try predict(input, progress: progress)
  }

  /// Predicts, with observers or a profiler of the layers.
  package func predict(
    _ input: ModelInput, observer: LayerObserver? = nil, attentionObserver: AttentionObserver? = nil,
    profiler: LayerProfiler? = nil, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try config.validate(sample: input.sample.shape)
    try validateText(input)
    try timeEmbedding.validate(input)
    var context = context
    (context.observer, context.attentionObserver, context.profiler) = (observer, attentionObserver, profiler)
    guard let mask = input.conditioning.encoderAttentionMask else {
      return try pass(input, in: context, progress: progress)
    }
    try input.validateTextMask()
    return try input.eachTextGroup(mask) { part, _, index, count in
      try pass(part, in: context) { try progress?($0.part(index, of: count)) }
    }
  }

  /// A pass of an input that was checked, whose texts have as many tokens.
  private func pass(
    _ input: ModelInput, in context: ComputeContext, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    let text = config.textChannels == nil ? nil : input.conditioning.encoderHiddenStates
    context.backend.begin(use: input.sample.shape + (text?.shape ?? []))
    var pass = ForwardPass(
      context: context, time: try timeEmbedding(input, in: context).activated,
      text: try text.map { try Self.tokens($0, in: context) }, blocks: stages.blocks, report: progress)
    return try stages(config.input(input.sample, in: context), in: &pass).tensor(on: context.backend)
  }

  private func validateText(_ input: ModelInput) throws {
    guard let channels = config.textChannels else { return }
    let batch = input.sample.shape[0]
    guard let text = input.conditioning.encoderHiddenStates else {
      throw DiffusionError(
        .usage,
        "the model attends to a text: expected encoder hidden states [\(batch), tokens, \(channels)], found none")
    }
    guard text.shape.count == 3, text.shape[0] == batch, text.shape[1] > 0, text.shape[2] == channels else {
      throw DiffusionError(
        .usage, "encoder hidden states of shape \(text.shape) do not fit: expected [\(batch), tokens, \(channels)]")
    }
  }

  /// A text as transformers read it: a column for each token.
  private static func tokens(_ text: Tensor<Float>, in context: ComputeContext) throws -> FeatureMap {
    let map = try context.output(
      of: "encoder_hidden_states", batch: text.shape[0], height: 1, width: text.shape[1], channels: text.shape[2])
    try context.backend.upload(text.scalars, to: map.buffer)
    return map
  }
}

extension UNet2DConditionModel {
  /// The layers, in the order they run, for one image of a given size.
  ///
  /// - Parameters:
  ///   - height: The sample's height.
  ///   - width: The sample's width.
  ///   - tokens: The number of tokens of the text.
  /// - Throws: ``DiffusionError`` (`usage`) if the size is out of range.
  public func describe(height: Int, width: Int, tokens: Int = 77) throws -> ModelDescription {
    try config.validate(height: height, width: width)
    var description = ModelDescription(tokens: tokens)
    _ = timeEmbedding.describe(FeatureShape(channels: 0, height: 1, width: 1), in: &description)
    stages.describe(height: height, width: width, in: &description)
    return description
  }

  /// Predicts again, checking the output of each layer, and returns the first that is not finite.
  ///
  /// The pass ends there. Other passes cost no more than without this check.
  ///
  /// - Parameters:
  ///   - input: As for ``callAsFunction(_:progress:)``.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: The sample itself if it is not finite; nil if all is finite, from the time embedding to the last layer.
  /// - Throws: As ``callAsFunction(_:progress:)``.
  public func firstNonFiniteLayer(
    _ input: ModelInput, progress: ForwardProgressHandler? = nil
  ) throws -> NonFiniteLayer? {
    try NonFiniteSearch.first(from: input.sample, progress: progress) { observer, progress in
      _ = try predict(input, observer: observer, progress: progress)
    }
  }
}
