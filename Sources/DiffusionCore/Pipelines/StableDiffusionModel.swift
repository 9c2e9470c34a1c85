/// The networks of Stable Diffusion (`diffusers.StableDiffusionPipeline`): a UNet that predicts in latents, a text
/// encoder with its tokenizer, and the autoencoder between latents and images. All are on one device.
public final class StableDiffusionModel: Sendable {
  /// The network that predicts.
  public var unet: UNet2DConditionModel { latents.unet }
  /// Encodes prompts.
  public let textEncoder: CLIPTextModel
  /// Cuts prompts into the text encoder's tokens.
  public let tokenizer: CLIPTokenizer
  /// Encodes images as latents, and decodes latents.
  public var vae: AutoencoderKL { latents.vae }
  /// The guidance scale of a run that gives none.
  public let guidanceScale: Double
  private let latents: LatentUNet

  private static let usualSide = 64

  /// Creates a model from its networks, which must be on one device, with the same threads and weights.
  ///
  /// - Parameters:
  ///   - unet: The network that predicts.
  ///   - textEncoder: Encodes prompts.
  ///   - tokenizer: The text encoder's tokenizer.
  ///   - vae: The autoencoder.
  ///   - guidanceScale: The guidance scale of a run that gives none.
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  public convenience init(
    unet: UNet2DConditionModel, textEncoder: CLIPTextModel, tokenizer: CLIPTokenizer,
    vae: AutoencoderKL,
    guidanceScale: Double = 7.5
  ) throws {
    try self.init(
      LatentUNet(unet, vae, usualSide: Self.usualSide), textEncoder: textEncoder,
      tokenizer: tokenizer,
      guidanceScale: guidanceScale)
  }

  private init(
    _ latents: LatentUNet, textEncoder: CLIPTextModel, tokenizer: CLIPTokenizer,
    guidanceScale: Double
  ) throws {
    let config = latents.unet.config
    guard let channels = config.textChannels, channels == textEncoder.config.hiddenSize else {
      throw DiffusionError(
        .badData,
        "the unet attends to \(config.textChannels ?? 0) features of a text (cross_attention_dim), the text "
          + "encoder's hidden_size is \(textEncoder.config.hiddenSize): expected the same; do they belong together?"
      )
    }
    (self.latents, self.textEncoder, self.tokenizer) = (latents, textEncoder, tokenizer)
    self.guidanceScale = guidanceScale
  }

  /// Opens the components of a folder.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - guidanceScale: The guidance scale where neither a run nor the model has one.
  ///   - settings: The device, the threads and the weights.
  ///   - progress: Called before each tensor is read; may throw to stop.
  convenience init(
    _ source: ModelSource, guidanceScale: Double, _ settings: RunSettings, progress: OpeningProgressHandler?
  ) throws {
    // Configurations first, and weights from the smallest on: what is not supported is said soon.
    let unet = try source.config(of: "unet"), vae = try source.config(of: "vae")
    let text = try source.config(of: "text_encoder")
    let unetConfig = try UNet2DConditionModelConfig(json: unet.read(), file: unet.path)
    let vaeConfig = try AutoencoderKLConfig(json: vae.read(), file: vae.path)
    let textConfig = try CLIPTextConfig(json: text.read(), file: text.path)
    let tokenizer = try CLIPTokenizer(
      folder: "\(source.name)/tokenizer", maximumLength: textConfig.maxPositionEmbeddings
    ) { source.tokenizerFile($0, of: "tokenizer") }
    let head: CLIPTextModel.Head =
      try source.modelIndex().components["text_encoder"] == "CLIPTextModelWithProjection" ? .projection : .none
    // All weights are checked before any is laid out for the device.
    let textParameters = try CLIPTextModel.checked(
      source.parameters(of: "text_encoder"), textConfig, head, progress: progress)
    let files = try LatentUNet.Files(unetConfig, vaeConfig, from: source, progress: progress)
    let textEncoder = try CLIPTextModel(
      config: textConfig, parameters: textParameters, head: head, device: settings.device,
      threads: settings.threads, weights: settings.weights, progress: progress)
    try self.init(
      LatentUNet(files, settings, usualSide: Self.usualSide, progress: progress),
      textEncoder: textEncoder, tokenizer: tokenizer,
      guidanceScale: source.guidanceScale ?? guidanceScale)
  }
}

extension StableDiffusionModel: PipelineModel {
  /// The device that it computes on.
  public var device: Device { unet.device }
  /// The number of threads that it computes with.
  public var threads: Int { unet.threads }
  /// The precision that its weights were rounded to.
  public var weights: WeightPrecision { unet.weights }
  package var fileNotes: [String] {
    tokenizer.warnings + textEncoder.fileNotes + unet.fileNotes + vae.fileNotes
  }
  package var className: String { "UNet2DConditionModel" }
  package var format: any SampleFormat { latents.samples }
  package var identity: ObjectIdentifier? { ObjectIdentifier(self) }

  package func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try unet(input, progress: progress)
  }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {
    _ = try unet.predict(input, observer: observer, progress: progress)
  }

  package func textAttention(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> AttentionMaps? {
    try unet.attentionMaps(input, progress: progress)
  }

  package func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws -> StableDiffusionModel {
    guard !suits(settings) else { return self }
    let (device, threads, weights) = (settings.device, settings.threads, settings.weights)
    return try StableDiffusionModel(
      unet: unet.on(device, threads: threads, weights: weights, progress: progress),
      textEncoder: textEncoder.on(device, threads: threads, weights: weights, progress: progress),
      tokenizer: tokenizer, vae: vae.on(device, threads: threads, weights: weights, progress: progress),
      guidanceScale: guidanceScale)
  }

  package func resolved(_ settings: RunSettings) throws -> RunSettings {
    try settings.resolvingPrompts(usualGuidanceScale: guidanceScale)
  }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    try latents.sampleShape(of: settings)
  }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    try latents.memory(
      of: settings, passes: guidance(of: settings) == nil ? 1 : 2, keptSteps: keptSteps)
  }

  package func networks(of settings: RunSettings) throws -> [PipelineNetwork] {
    let own = try latents.networks(of: settings, tokens: tokenizer.length)
    let text = PipelineNetwork(
      component: "text_encoder", className: "CLIPTextModel", configuration: textEncoder.config,
      description: textEncoder.describe(tokens: tokenizer.length))
    return [own.unet, text, own.vae]
  }

  package func exampleInput(of settings: RunSettings) throws -> ModelInput {
    let own = RunSettings(
      batchSize: settings.batchSize, device: device, threads: threads, weights: weights, guidanceScale: 1)
    return ModelInput(
      sample: try latents.exampleSample(of: settings), timestep: 500,
      conditioning: try conditioning(of: resolved(own)).conditional)
  }

  package func predict(
    _ input: ModelInput, profiler: LayerProfiler, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try unet.predict(input, profiler: profiler, progress: progress)
  }
}

extension StableDiffusionModel {
  /// The scale of a run that takes two predictions; nil for one.
  private func guidance(of settings: RunSettings) -> Double? {
    latents.guidance(settings.guidanceScale ?? guidanceScale)
  }

  /// The embeddings of the prompts, in the order of `encode_prompt`; each text is encoded once.
  package func conditioning(of settings: RunSettings) throws -> RunConditioning {
    let prompts = settings.prompts.isEmpty ? [""] : settings.prompts, scale = guidance(of: settings)
    let blend = settings.promptBlend
    let texts = prompts + (blend.map { [$0.prompt] } ?? []) + (scale == nil ? [] : [settings.negativePrompt])
    let cut = try texts.map { try tokenizer($0, vocabularySize: textEncoder.config.vocabSize) }
    let states = try textEncoder(cut.map { $0.tokens.map(\.id) }).lastHiddenState
    let images = settings.selection.image.map { $0 - 1..<$0 } ?? 0..<settings.batchSize
    let own = states.rows(images.map { prompts.count > 1 ? $0 : 0 })
    var conditional = ModelInput.Conditioning(
      encoderHiddenStates: blend?.applied(
        to: own, towards: states.rows(images.map { _ in prompts.count })) ?? own)
    conditional.timestepConditioning = latents.timestepConditioning(
      settings.guidanceScale ?? guidanceScale, images: images.count)
    guard let scale else { return RunConditioning(conditional, prompts: cut) }
    let unconditional = ModelInput.Conditioning(encoderHiddenStates: states.rows(images.map { _ in texts.count - 1 }))
    return RunConditioning(
      conditional,
      guidance: Guidance(unconditional: unconditional, scale: scale, rescale: settings.guidanceRescale),
      prompts: settings.negativePrompt.isEmpty ? Array(cut.dropLast()) : cut)
  }
}
