import TensorKernels

/// The configuration of a ``UnCLIPTextProjModel``, in Diffusers' names (`text_proj/config.json`).
public struct UnCLIPTextProjModelConfig: Sendable, Equatable {
  /// The tokens that an image embedding becomes.
  public var clipExtraContextTokens = 4
  /// The features of the embeddings of images and texts, and of a token of the text.
  public var clipEmbeddingsDim = 768
  /// The channels of the decoder's time embedding; Diffusers has no default.
  public var timeEmbedDim: Int
  /// The features of a token that the decoder attends to; Diffusers has no default.
  public var crossAttentionDim: Int

  /// Creates a configuration.
  public init(timeEmbedDim: Int, crossAttentionDim: Int) {
    (self.timeEmbedDim, self.crossAttentionDim) = (timeEmbedDim, crossAttentionDim)
  }

  /// Decodes the bytes of a `config.json` as `UnCLIPTextProjModel.from_config` does, and validates the result.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value is missing, has the wrong type or is out of range.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    let reader = try ConfigurationReader(json: json, file: file)
    self.init(
      timeEmbedDim: try reader.int("time_embed_dim", default: 0),
      crossAttentionDim: try reader.int("cross_attention_dim", default: 0))
    clipExtraContextTokens = try reader.int("clip_extra_context_tokens", default: clipExtraContextTokens)
    clipEmbeddingsDim = try reader.int("clip_embeddings_dim", default: clipEmbeddingsDim)
    for key in ["time_embed_dim", "cross_attention_dim"]
    where reader.value(key) == nil {
      throw DiffusionError(.badData, "\(file): \(key) is missing: expected a whole number from 1")
    }
    try validate(file: file)
  }

  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected.
  public func validate(file: String = "config.json") throws {
    let checks = ConfigurationChecks(file: file)
    try checks.range("clip_extra_context_tokens", clipExtraContextTokens, in: 1...1024)
    try checks.range("clip_embeddings_dim", clipEmbeddingsDim)
    try checks.range("time_embed_dim", timeEmbedDim)
    try checks.range("cross_attention_dim", crossAttentionDim)
  }
}

/// What tells unCLIP's decoder of an image embedding and a text (`diffusers.UnCLIPTextProjModel`,
/// `pipelines/deprecated/unclip/text_proj.py`): a vector that joins the timestep's, and tokens to attend to.
///
/// The same input and weights give the same bits on every device, with any number of threads, alone or in a batch.
public final class UnCLIPTextProjModel: Network {
  /// The configuration it was built from.
  public let config: UnCLIPTextProjModelConfig
  /// Where it computes, and the weights that it was opened with.
  public let opening: NetworkOpening
  /// Lines about its file's tensors: those left out, those rounded from F64.
  package let fileNotes: [String]

  private let layers: Layers

  private struct Layers {
    /// The embedding that stands for no image, `[clipEmbeddingsDim]`.
    let noImage: [Float]
    let textToTime, imageToTime, imageToTokens, textToTokens: Convolution
    let norm: LayerNorm

    init(_ config: UnCLIPTextProjModelConfig, from reader: ParameterReader) throws {
      let features = config.clipEmbeddingsDim, channels = config.crossAttentionDim
      noImage = try reader.read("learned_classifier_free_guidance_embeddings", [features])
      textToTime = try Convolution(linear: ["embedding_proj"], features, config.timeEmbedDim, from: reader)
      imageToTime = try Convolution(
        linear: ["clip_image_embeddings_project_to_time_embeddings"], features, config.timeEmbedDim, from: reader)
      imageToTokens = try Convolution(
        linear: ["clip_extra_context_tokens_proj"], features, .product(config.clipExtraContextTokens, channels),
        from: reader)
      textToTokens = try Convolution(linear: ["encoder_hidden_states_proj"], features, channels, from: reader)
      norm = try LayerNorm("text_encoder_hidden_states_norm", channels: channels, from: reader)
    }
  }

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
    config: UnCLIPTextProjModelConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    let checked = try UnCLIPTextProjModel.checked(parameters, config, progress: progress)
    opening = try NetworkOpening(checked, device: device, threads: threads, weights: weights, progress: progress)
    let reader = opening.reader(progress: progress)
    layers = try Layers(config, from: reader)
    fileNotes = reader.finish()
    self.config = config
  }

  /// The weights, once all that the network needs was found there, of the right shape and finite: what is not takes no
  /// memory beside the file.
  ///
  /// - Throws: As the initialiser.
  package static func checked(
    _ parameters: ParameterStore, _ config: UnCLIPTextProjModelConfig, progress: OpeningProgressHandler?
  ) throws -> ParameterStore {
    try parameters.checked(progress: progress) { try Layers(config, from: $0) }
  }

  /// The same network, from the weights as they are in the file.
  public func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> UnCLIPTextProjModel {
    try UnCLIPTextProjModel(
      config: config, parameters: opening.parameters, device: device, threads: threads, weights: weights,
      progress: progress)
  }

  /// Makes a decoder's conditioning: tokens to attend to, with the image's before the text's, class embeddings, and
  /// the mask of the tokens.
  ///
  /// - Parameters:
  ///   - imageEmbeddings: `[batch, clipEmbeddingsDim]`; nil for the learned embedding of no image.
  ///   - text: The text's tokens as encoder hidden states, `[batch, tokens, clipEmbeddingsDim]`, the text as a whole as
  ///     text embeds, `[batch, clipEmbeddingsDim]`, and the mask of its tokens, if it has one.
  /// - Throws: ``DiffusionError``: `usage` if a part of the text is missing or does not fit, `unavailable` if the
  ///   device has no memory for it.
  public func callAsFunction(
    _ imageEmbeddings: Tensor<Float>?, text: ModelInput.Conditioning
  ) throws -> ModelInput.Conditioning {
    guard let states = text.encoderHiddenStates, let whole = text.textEmbeds, states.shape.count == 3 else {
      throw DiffusionError(.usage, "text_proj takes a text: expected its hidden states and its embedding")
    }
    let batch = states.shape[0], length = states.shape[1], features = config.clipEmbeddingsDim
    try states.require([batch, length, features], "encoder hidden states")
    try whole.require([batch, features], "text embeds")
    let images = imageEmbeddings ?? Tensor(unchecked: [batch, features], (0..<batch).flatMap { _ in layers.noImage })
    try images.require([batch, features], "image embeddings")
    context.backend.begin(use: states.shape)
    var conditioning = try projected(images, states, whole)
    conditioning.encoderAttentionMask = text.encoderAttentionMask.map { mask in
      let extra = Array(repeating: Float(1), count: config.clipExtraContextTokens)
      return Tensor(
        unchecked: [batch, length + extra.count],
        (0..<batch).flatMap { extra + mask.scalars[$0 * length..<($0 + 1) * length] })
    }
    return conditioning
  }

  /// The embeddings of an image and a text as a whole, and their tokens. All that is read goes to the device before
  /// anything is computed, and comes back behind all that is.
  private func projected(
    _ images: Tensor<Float>, _ states: Tensor<Float>, _ whole: Tensor<Float>
  ) throws -> ModelInput.Conditioning {
    let image = try FeatureMap(rows: images, of: layers.imageToTokens.name, in: context)
    let text = try FeatureMap(rows: whole, of: layers.textToTime.name, in: context)
    let input = try context.output(
      of: layers.textToTokens.name, batch: states.shape[0], height: 1, width: states.shape[1],
      channels: states.shape[2])
    try context.backend.upload(states.scalars, to: input.buffer)
    var epilogue = Convolution.Epilogue()
    epilogue.residual = try layers.imageToTime(image, in: context)
    let sum = try layers.textToTime(text, epilogue: epilogue, in: context)
    let extra = try layers.imageToTokens(image, in: context)
    let tokens = try layers.norm(layers.textToTokens(input, in: context), in: context)
    return ModelInput.Conditioning(
      classEmbeddings: Tensor(unchecked: [sum.batch, sum.channels], try context.backend.download(sum.buffer)),
      encoderHiddenStates: joined(
        try context.backend.download(extra.buffer), try context.backend.download(tokens.buffer), batch: sum.batch,
        length: tokens.width))
  }

  /// The tokens of each image before those of its text.
  private func joined(_ extra: [Float], _ text: [Float], batch: Int, length: Int) -> Tensor<Float> {
    let (count, channels) = (config.clipExtraContextTokens, config.crossAttentionDim)
    var elements: [Float] = []
    elements.reserveCapacity(batch * (count + length) * channels)
    for image in 0..<batch {
      let first = image * count * channels
      // The tokens of a channel stand beside each other.
      for token in 0..<count { elements += (0..<channels).map { extra[first + $0 * count + token] } }
      elements += text[image * length * channels..<(image + 1) * length * channels]
    }
    return Tensor(unchecked: [batch, count + length, channels], elements)
  }
}

extension UnCLIPTextProjModel {
  /// The layers, in the order they run, for one image and a text of a number of tokens.
  public func describe(tokens: Int) -> ModelDescription {
    var description = ModelDescription()
    let vector = FeatureShape(channels: config.clipEmbeddingsDim, height: 1, width: 1)
    description.add(
      "learned_classifier_free_guidance_embeddings", kind: "Embedding", vector,
      parameters: layers.noImage.count, flops: 0)
    for layer in [layers.imageToTime, layers.textToTime, layers.imageToTokens] {
      _ = layer.describe(vector, in: &description)
    }
    let text = FeatureShape(channels: config.clipEmbeddingsDim, height: 1, width: tokens)
    _ = layers.norm.describe(layers.textToTokens.describe(text, in: &description), in: &description)
    return description
  }
}
