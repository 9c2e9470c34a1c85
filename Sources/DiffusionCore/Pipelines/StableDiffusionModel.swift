import TensorKernels

/// The networks of Stable Diffusion (`diffusers.StableDiffusionPipeline`): a UNet that predicts in latents, a text
/// encoder with its tokenizer, and the autoencoder between latents and images. All are on one device.
public final class StableDiffusionModel: Sendable {
  /// The network that predicts.
  public let unet: UNet2DConditionModel
  /// Encodes prompts.
  public let textEncoder: CLIPTextModel
  /// Cuts prompts into the text encoder's tokens.
  public let tokenizer: CLIPTokenizer
  /// Encodes images as latents, and decodes latents.
  public let vae: AutoencoderKL
  /// The guidance scale of a run that gives none.
  public let guidanceScale: Double
  private let samples: LatentSamples

  /// Creates a model from its networks, which must be on one device, with the same threads and weights.
  ///
  /// - Parameters:
  ///   - unet: The network that predicts.
  ///   - textEncoder: Encodes prompts.
  ///   - tokenizer: The text encoder's tokenizer.
  ///   - vae: The autoencoder.
  ///   - guidanceScale: The guidance scale of a run that gives none.
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  public init(
    unet: UNet2DConditionModel, textEncoder: CLIPTextModel, tokenizer: CLIPTokenizer, vae: AutoencoderKL,
    guidanceScale: Double = 7.5
  ) throws {
    guard unet.config.inChannels == vae.config.latentChannels, unet.config.outChannels == vae.config.latentChannels
    else {
      throw DiffusionError(
        .badData,
        "the unet takes \(unet.config.inChannels) channels and gives \(unet.config.outChannels), the vae has "
          + "\(vae.config.latentChannels): expected the same number; do they belong together?")
    }
    guard let channels = unet.config.textChannels, channels == textEncoder.config.hiddenSize else {
      throw DiffusionError(
        .badData,
        "the unet attends to \(unet.config.textChannels ?? 0) features of a text (cross_attention_dim), the text "
          + "encoder's hidden_size is \(textEncoder.config.hiddenSize): expected the same; do they belong together?")
    }
    (self.unet, self.textEncoder, self.tokenizer, self.vae) = (unet, textEncoder, tokenizer, vae)
    self.guidanceScale = guidanceScale
    samples = LatentSamples(vae)
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
    let (device, threads, weights) = (settings.device, settings.threads, settings.weights)
    let textEncoder = try CLIPTextModel(
      config: textConfig, parameters: source.parameters(of: "text_encoder"),
      head: source.modelIndex().components["text_encoder"] == "CLIPTextModelWithProjection" ? .projection : .none,
      device: device, threads: threads, weights: weights, progress: progress)
    let autoencoder = try AutoencoderKL(
      config: vaeConfig, parameters: source.parameters(of: "vae"), device: device, threads: threads, weights: weights,
      progress: progress)
    try self.init(
      unet: UNet2DConditionModel(
        config: unetConfig, parameters: source.parameters(of: "unet"), device: device, threads: threads,
        weights: weights, progress: progress),
      textEncoder: textEncoder, tokenizer: tokenizer, vae: autoencoder,
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
  package var weightNotes: [String] { textEncoder.weightNotes + unet.weightNotes + vae.weightNotes }
  package var className: String { "UNet2DConditionModel" }
  package var format: any SampleFormat { samples }
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
    if settings.promptBlend != nil, settings.prompts.isEmpty {
      throw DiffusionError(
        SettingFault(
          Setting.promptBlend.name,
          refusal: "there is no prompt to blend with: give one with --prompt, or as prompt"))
    }
    var settings = try settings.resolving(nil)
    settings.guidanceScale = settings.guidanceScale ?? guidanceScale
    return settings
  }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    let scale = samples.scale, own = exampleSize
    let (height, width) = (settings.height ?? own.height * scale, settings.width ?? own.width * scale)
    guard height.isMultiple(of: scale), width.isMultiple(of: scale) else {
      throw DiffusionError(
        .usage, "width and height are \(width)x\(height): expected multiples of \(scale), the pixels of a latent")
    }
    do {
      try unet.config.validate(height: height / scale, width: width / scale)
    } catch let error as DiffusionError {
      throw DiffusionError(
        error.kind,
        "width and height are \(width)x\(height), latents of \(width / scale)x\(height / scale): \(error.message)")
    }
    return [unet.config.inChannels, height / scale, width / scale]
  }

  /// The height and width of the latents that the UNet was trained on; that of Stable Diffusion where it names none.
  private var exampleSize: (height: Int, width: Int) { (unet.config.sampleHeight ?? 64, unet.config.sampleWidth ?? 64) }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    let sample = try sampleShape(of: settings), guided = guidance(of: settings) == nil ? 1 : 2
    let images = settings.selection.image == nil ? settings.batchSize : 1
    let pass = MemoryEstimate.run(unet.config, shape: [images * guided] + sample, keptSteps: keptSteps)
    // Images are decoded one at a time, when the run's own passes are over.
    let image = [1, 0, Int.product(sample[1], samples.scale), Int.product(sample[2], samples.scale)]
    return max(pass, MemoryEstimate.pass(vae.config, images: image))
  }

  package func networks(of settings: RunSettings) throws -> [PipelineNetwork] {
    let shape = try sampleShape(of: settings), (height, width) = (shape[1], shape[2])
    return [
      PipelineNetwork(
        component: "unet", className: className, configuration: unet.config,
        description: try unet.describe(height: height, width: width, tokens: tokenizer.length)),
      PipelineNetwork(
        component: "text_encoder", className: "CLIPTextModel", configuration: textEncoder.config,
        description: textEncoder.describe(tokens: tokenizer.length)),
      PipelineNetwork(
        component: "vae", className: "AutoencoderKL", configuration: vae.config,
        description: try vae.describe(height: height * samples.scale, width: width * samples.scale)),
    ]
  }

  package func exampleInput(of settings: RunSettings) throws -> ModelInput {
    let shape = try [settings.batchSize] + sampleShape(of: settings)
    var own = RunSettings(batchSize: settings.batchSize, device: device, threads: threads, weights: weights)
    own.guidanceScale = 1
    return ModelInput(
      sample: try Generator(device: .cpu).manualSeed(0).randn(shape), timestep: 500,
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
    let scale = settings.guidanceScale ?? guidanceScale
    return scale > 1 && unet.config.timeCondProjDim == nil ? scale : nil
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
      encoderHiddenStates: blend?.applied(to: own, towards: states.rows(images.map { _ in prompts.count })) ?? own)
    if let width = unet.config.timeCondProjDim {
      let row = Self.embedding(ofGuidance: settings.guidanceScale ?? guidanceScale, width: width)
      conditional.timestepConditioning = Tensor(
        unchecked: [images.count, width], images.flatMap { _ in row })
    }
    guard let scale else { return RunConditioning(conditional, prompts: cut) }
    let unconditional = ModelInput.Conditioning(encoderHiddenStates: states.rows(images.map { _ in texts.count - 1 }))
    return RunConditioning(
      conditional,
      guidance: Guidance(unconditional: unconditional, scale: scale, rescale: settings.guidanceRescale),
      prompts: settings.negativePrompt.isEmpty ? Array(cut.dropLast()) : cut)
  }

  /// The features that tell a latent consistency model how far to guide (`get_guidance_scale_embedding`), in the order
  /// of operations of <doc:NumericsContract>.
  static func embedding(ofGuidance scale: Double, width: Int) -> [Float] {
    let half = width / 2, weight = Float(scale - 1) * 1000
    let step = Float(DoubleMath.log(10_000)) / Float(half - 1)
    let angles = (0..<half).map { weight * Float(DoubleMath.exp(Double(Float($0) * -step))) }
    return angles.map { Float(DoubleMath.sin(Double($0))) } + angles.map { Float(DoubleMath.cos(Double($0))) }
      + Array(repeating: 0, count: width % 2)
  }
}
