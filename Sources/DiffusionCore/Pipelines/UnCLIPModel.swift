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
  public var tokenizer: CLIPTokenizer { pictures.tokenizer }
  /// Those behind the prior.
  let pictures: UnCLIPPictures
  /// What a run has where its settings leave the choice to the model: the steps and the guidance scale of the prior.
  static let usual = (priorSteps: 25, priorGuidanceScale: 4.0)

  /// Creates a model from its networks, which must be on one device, with the same threads and weights.
  ///
  /// - Parameters:
  ///   - networks: The networks.
  ///   - tokenizer: The text encoder's tokenizer.
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  public convenience init(_ networks: Networks, tokenizer: CLIPTokenizer) throws {
    try self.init(
      prior: networks.prior,
      UnCLIPPictures(
        textEncoder: networks.textEncoder, tokenizer: tokenizer, textProj: networks.textProj,
        decoder: networks.decoder, superResFirst: networks.superResFirst, superResLast: networks.superResLast))
  }

  init(prior: PriorTransformer, _ pictures: UnCLIPPictures) throws {
    networksByStage = Networks(
      textEncoder: pictures.textEncoder, prior: prior, textProj: pictures.textProj, decoder: pictures.decoder,
      superResFirst: pictures.superResFirst, superResLast: pictures.superResLast)
    self.pictures = pictures
    let config = prior.config, text = pictures.textEncoder.config
    try UnCLIPPictures.require(
      config.textChannels, text.hiddenSize, "the prior's embedding_dim, for the text encoder's hidden_size,")
    try UnCLIPPictures.require(
      config.textEmbedDim, text.projectionDim, "the prior's embedding_proj_dim, for the text encoder's")
    try UnCLIPPictures.require(
      config.numEmbeddings, pictures.tokenizer.length, "the prior's num_embeddings, for the tokenizer's texts,")
    try UnCLIPPictures.require(
      config.predictedDim, config.embeddingDim, "the prior's clip_embed_dim, for its own samples,")
    try UnCLIPPictures.require(
      pictures.textProj.config.clipEmbeddingsDim, config.predictedDim,
      "text_proj's clip_embeddings_dim, for the prior's,")
  }

  var prior: PriorTransformer { networksByStage.prior }

  /// Opens the components of a folder.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - settings: The device, the threads and the weights.
  ///   - progress: Called before each tensor is read; may throw to stop.
  convenience init(_ source: ModelSource, _ settings: RunSettings, progress: OpeningProgressHandler?) throws {
    // Its configuration first: what is not supported is said soon.
    let file = try source.config(of: "prior"), config = try PriorTransformerConfig(json: file.read(), file: file.path)
    // All weights are checked before any is laid out for the device.
    let files = try UnCLIPPictures.Files(source, progress: progress)
    let parameters = try PriorTransformer.checked(source.parameters(of: "prior"), config, progress: progress)
    let pictures = try UnCLIPPictures(files, settings, progress: progress)
    try self.init(
      prior: PriorTransformer(
        config: config, parameters: parameters, device: settings.device, threads: settings.threads,
        weights: settings.weights, progress: progress), pictures)
  }
}
