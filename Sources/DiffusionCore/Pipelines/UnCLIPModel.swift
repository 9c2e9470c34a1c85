import TensorKernels

/// The networks of unCLIP (`diffusers.UnCLIPPipeline`; Ramesh et al. 2022, arXiv 2204.06125): a text encoder with its
/// tokenizer, a prior that makes an image embedding of a text, a decoder that makes a small picture of both, and two
/// networks that make it larger. All are on one device.
public final class UnCLIPModel: Sendable {
  /// The networks.
  public struct Networks: Sendable {
    /// Encodes prompts; it has a projection.
    public var textEncoder: CLIPTextModel
    /// Predicts image embeddings.
    public var prior: PriorTransformer
    /// Tells the decoder of an embedding and a text.
    public var textProj: UnCLIPTextProjModel
    /// Predicts the noise in small pictures.
    public var decoder: UNet2DConditionModel
    /// Predicts the noise in large pictures, in all steps but the last.
    public var superResFirst: UNet2DModel
    /// Predicts the noise in large pictures in the last step.
    public var superResLast: UNet2DModel

    /// Creates a set of networks.
    public init(
      textEncoder: CLIPTextModel, prior: PriorTransformer, textProj: UnCLIPTextProjModel,
      decoder: UNet2DConditionModel, superResFirst: UNet2DModel, superResLast: UNet2DModel
    ) {
      (self.textEncoder, self.prior, self.textProj) = (textEncoder, prior, textProj)
      (self.decoder, self.superResFirst, self.superResLast) = (decoder, superResFirst, superResLast)
    }
  }

  /// The networks.
  public let networksByStage: Networks
  /// Cuts prompts into the text encoder's tokens.
  public let tokenizer: CLIPTokenizer
  /// What a run has where its settings leave the choice to the model: the steps of the prior and of the
  /// super-resolution, and the guidance scales of the prior and the decoder.
  static let usual = (priorSteps: 25, superResSteps: 7, priorGuidanceScale: 4.0, guidanceScale: 8.0)

  /// Creates a model from its networks, which must be on one device, with the same threads and weights.
  ///
  /// - Parameters:
  ///   - networks: The networks.
  ///   - tokenizer: The text encoder's tokenizer.
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  public init(_ networks: Networks, tokenizer: CLIPTokenizer) throws {
    (networksByStage, self.tokenizer) = (networks, tokenizer)
    try Self.check(networks, tokenizer)
  }

  var prior: PriorTransformer { networksByStage.prior }
  var decoder: UNet2DConditionModel { networksByStage.decoder }

  /// The height and width of the pictures of a UNet.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) where its configuration has none.
  static func size(
    _ size: (height: Int, width: Int)?, of component: String
  ) throws -> (height: Int, width: Int) {
    guard let size else {
      throw DiffusionError(
        .badData, "\(component)/config.json: sample_size is null: expected the height and width of its pictures")
    }
    return size
  }

  /// Opens the components of a folder.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - settings: The device, the threads and the weights.
  ///   - progress: Called before each tensor is read; may throw to stop.
  convenience init(_ source: ModelSource, _ settings: RunSettings, progress: OpeningProgressHandler?) throws {
    // Configurations first: what is not supported is said soon.
    func file(_ component: String) throws -> (json: [UInt8], path: String) {
      let file = try source.config(of: component)
      return ([UInt8](try file.read()), file.path)
    }
    let files = try ["text_encoder", "prior", "text_proj", "decoder", "super_res_first", "super_res_last"].map(file)
    let text = try CLIPTextConfig(json: files[0].json, file: files[0].path)
    let prior = try PriorTransformerConfig(json: files[1].json, file: files[1].path)
    let textProj = try UnCLIPTextProjModelConfig(json: files[2].json, file: files[2].path)
    let decoder = try UNet2DConditionModelConfig(json: files[3].json, file: files[3].path)
    let (first, last) = (
      try UNet2DModelConfig(json: files[4].json, file: files[4].path),
      try UNet2DModelConfig(json: files[5].json, file: files[5].path)
    )
    let tokenizer = try CLIPTokenizer(
      folder: "\(source.name)/tokenizer", maximumLength: text.maxPositionEmbeddings
    ) { source.tokenizerFile($0, of: "tokenizer") }
    let (device, threads, weights) = (settings.device, settings.threads, settings.weights)
    try self.init(
      Networks(
        textEncoder: CLIPTextModel(
          config: text, parameters: source.parameters(of: "text_encoder"), head: .projection, device: device,
          threads: threads, weights: weights, progress: progress),
        prior: PriorTransformer(
          config: prior, parameters: source.parameters(of: "prior"), device: device, threads: threads,
          weights: weights, progress: progress),
        textProj: UnCLIPTextProjModel(
          config: textProj, parameters: source.parameters(of: "text_proj"), device: device, threads: threads,
          weights: weights, progress: progress),
        decoder: UNet2DConditionModel(
          config: decoder, parameters: source.parameters(of: "decoder"), device: device, threads: threads,
          weights: weights, progress: progress),
        superResFirst: UNet2DModel(
          config: first, parameters: source.parameters(of: "super_res_first"), device: device, threads: threads,
          weights: weights, progress: progress),
        superResLast: UNet2DModel(
          config: last, parameters: source.parameters(of: "super_res_last"), device: device, threads: threads,
          weights: weights, progress: progress)),
      tokenizer: tokenizer)
  }
}

extension UnCLIPModel {
  /// Refuses networks that do not fit each other.
  private static func check(_ networks: Networks, _ tokenizer: CLIPTokenizer) throws {
    let text = networks.textEncoder.config, prior = networks.prior.config, proj = networks.textProj.config
    let decoder = networks.decoder.config, first = networks.superResFirst.config
    func require(_ found: Int, _ expected: Int, _ what: String) throws {
      guard found != expected else { return }
      throw DiffusionError(.badData, "\(what) is \(found): expected \(expected); do the networks belong together?")
    }
    try require(prior.textChannels, text.hiddenSize, "the prior's embedding_dim, for the text encoder's hidden_size,")
    try require(prior.textEmbedDim, text.projectionDim, "the prior's embedding_proj_dim, for the text encoder's")
    try require(prior.numEmbeddings, tokenizer.length, "the prior's num_embeddings, for the tokenizer's texts,")
    try require(prior.predictedDim, prior.embeddingDim, "the prior's clip_embed_dim, for its own samples,")
    try require(proj.clipEmbeddingsDim, prior.predictedDim, "text_proj's clip_embeddings_dim, for the prior's,")
    try require(proj.clipEmbeddingsDim, text.hiddenSize, "text_proj's clip_embeddings_dim, for the text encoder's,")
    try require(
      decoder.textChannels ?? 0, proj.crossAttentionDim, "the decoder's cross_attention_dim, for text_proj's,")
    try require(decoder.timeEmbedDim, proj.timeEmbedDim, "the decoder's time_embed_dim, for text_proj's,")
    try require(
      decoder.outChannels, 2 * decoder.inChannels, "the decoder's out_channels, with variances behind the noise,")
    guard decoder.classEmbedType == .identity else {
      throw DiffusionError(
        .badData, "the decoder's class_embed_type is \(decoder.classEmbedType?.rawValue ?? "null"): expected identity")
    }
    let last = networks.superResLast.config
    for (name, config) in [("super_res_first", first), ("super_res_last", last)] {
      try require(config.inChannels, 2 * decoder.inChannels, "\(name)'s in_channels, with a picture behind the sample,")
      try require(config.outChannels, decoder.inChannels, "\(name)'s out_channels")
    }
    _ = try size(decoder.sampleSize, of: "decoder")
    let own = try size(first.sampleSize, of: "super_res_first"), other = try size(last.sampleSize, of: "super_res_last")
    try require(other.height, own.height, "super_res_last's sample_size")
    try require(other.width, own.width, "super_res_last's sample_size")
  }
}
