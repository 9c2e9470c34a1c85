/// The networks of Stable Diffusion XL (`diffusers.StableDiffusionXLPipeline`; Podell et al. 2023, arXiv 2307.01952): a
/// UNet that predicts in latents, two text encoders with their tokenizers, of which a refiner has the second alone, and
/// the autoencoder between latents and images, which computes in float32. All are on one device.
public final class StableDiffusionXLModel: Sendable {
  /// A text encoder with its tokenizer.
  public struct TextEncoder: Sendable {
    /// The network; the second one has a projection.
    public let network: CLIPTextModel
    /// Cuts prompts into its tokens.
    public let tokenizer: CLIPTokenizer
    /// Its component: `text_encoder_2`.
    let component: String
  }

  /// What the index of a model says beside its components.
  struct Options: Sendable {
    /// Whether a negative prompt that is not given is zeros, and not the embedding of an empty text.
    var forcesZeros: Bool
    /// Whether the model reads a score in the place of a target's size, as refiners do.
    var takesScore: Bool
  }

  /// The network that predicts.
  public var unet: UNet2DConditionModel { latents.unet }
  /// Encodes images as latents, and decodes latents.
  public var vae: AutoencoderKL { latents.vae }
  /// The text encoders, in their order; the last one's projection stands for the text as a whole.
  public let textEncoders: [TextEncoder]
  let options: Options
  let latents: LatentUNet

  /// The guidance scale of a run that gives none.
  static let usualGuidanceScale = 5.0
  private static let usualSide = 128

  private init(_ latents: LatentUNet, textEncoders: [TextEncoder], options: Options) throws {
    (self.latents, self.textEncoders, self.options) = (latents, textEncoders, options)
    try check()
  }

  /// Opens the components of a folder.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - settings: The device, the threads and the weights.
  ///   - progress: Called before each tensor is read; may throw to stop.
  convenience init(
    _ source: ModelSource, _ settings: RunSettings, progress: OpeningProgressHandler?
  ) throws {
    // Configurations first, and weights from the smallest on: what is not supported is said soon.
    let unet = try source.config(of: "unet")
    let vae = try source.config(of: "vae")
    let index = try source.modelIndex()
    let unetConfig = try UNet2DConditionModelConfig(json: unet.read(), file: unet.path)
    let vaeConfig = try AutoencoderKLConfig(json: vae.read(), file: vae.path)
    // All weights are checked before any is laid out for the device.
    let encoders = try ["", "_2"].filter { index.components["text_encoder\($0)"] != nil }.map {
      suffix -> (() throws -> TextEncoder) in
      let component = "text_encoder\(suffix)", folder = "tokenizer\(suffix)"
      let file = try source.config(of: component), head = suffix.isEmpty ? CLIPTextModel.Head.none : .projection
      let config = try CLIPTextConfig(json: file.read(), file: file.path)
      let parameters = try CLIPTextModel.checked(
        source.parameters(of: component), config, head, progress: progress)
      let tokenizer = try CLIPTokenizer(
        folder: "\(source.name)/\(folder)", maximumLength: config.maxPositionEmbeddings
      ) { source.tokenizerFile($0, of: folder) }
      return {
        let network = try CLIPTextModel(
          config: config, parameters: parameters, head: head, device: settings.device, threads: settings.threads,
          weights: settings.weights, progress: progress)
        return TextEncoder(network: network, tokenizer: tokenizer, component: component)
      }
    }
    let files = try LatentUNet.Files(unetConfig, vaeConfig, from: source, progress: progress)
    let options = Options(
      forcesZeros: index.switches["force_zeros_for_empty_prompt"] ?? true,
      takesScore: index.switches["requires_aesthetics_score"] ?? false)
    let textEncoders = try encoders.map { try $0() }
    try self.init(
      LatentUNet(files, settings, standardizes: true, usualSide: Self.usualSide, progress: progress),
      textEncoders: textEncoders, options: options)
  }

  /// The same model with the settings' device, threads and weights.
  private convenience init(
    moving other: StableDiffusionXLModel, to settings: RunSettings,
    progress: OpeningProgressHandler?
  ) throws {
    func moved<Moved: Network>(_ network: Moved) throws -> Moved {
      try network.on(
        settings.device, threads: settings.threads, weights: settings.weights, progress: progress)
    }
    try self.init(
      LatentUNet(
        moved(other.unet), moved(other.vae), standardizes: true, usualSide: Self.usualSide),
      textEncoders: other.textEncoders.map {
        TextEncoder(
          network: try moved($0.network), tokenizer: $0.tokenizer, component: $0.component)
      }, options: other.options)
  }

  /// Refuses networks that do not fit each other.
  private func check() throws {
    let states = textEncoders.reduce(0) { $0 + $1.network.config.hiddenSize }
    guard let channels = unet.config.textChannels, channels == states else {
      throw DiffusionError(
        .badData,
        "the unet attends to \(unet.config.textChannels ?? 0) features of a text (cross_attention_dim), the text "
          + "encoders have \(states) together: expected the same; do they belong together?")
    }
    guard Set(textEncoders.map(\.tokenizer.length)).count == 1 else {
      throw DiffusionError(
        .badData,
        "the tokenizers cut texts to \(textEncoders.map(\.tokenizer.length)) tokens: expected the same"
      )
    }
    guard let whole = textEncoders.last?.network.config.projectionDim,
      let addition = unet.config.addition
    else {
      throw DiffusionError(.badData, "the unet's addition_embed_type is null: expected 'text_time'")
    }
    let expected = options.takesScore ? 5 : 6
    guard addition.numbers(besideText: whole) == expected else {
      throw DiffusionError(
        .badData,
        "the unet's projection_class_embeddings_input_dim is \(addition.features): expected "
          + "\(whole + expected * addition.timesteps.channels), a text of \(whole) and \(expected) numbers"
      )
    }
  }
}

extension StableDiffusionXLModel: PipelineModel {
  /// The device that it computes on.
  public var device: Device { unet.device }
  /// The number of threads that it computes with.
  public var threads: Int { unet.threads }
  /// The precision that its weights were rounded to.
  public var weights: WeightPrecision { unet.weights }
  package var fileNotes: [String] {
    textEncoders.flatMap { $0.tokenizer.warnings + $0.network.fileNotes } + unet.fileNotes + vae.fileNotes
  }
  package var className: String { "UNet2DConditionModel" }
  package var format: any SampleFormat { latents.samples }
  package var identity: ObjectIdentifier? { ObjectIdentifier(self) }
  package var takesSizes: Bool { true }

  /// With a refiner, its base is the first of two stages.
  package var stageSettings: [[Setting]] { [[.denoisingEnd]] }

  package func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws
    -> Tensor<Float>
  {
    try unet(input, progress: progress)
  }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {
    _ = try unet.predict(input, observer: observer, progress: progress)
  }

  package func textAttention(_ input: ModelInput, progress: ForwardProgressHandler?) throws
    -> AttentionMaps?
  {
    try unet.attentionMaps(input, progress: progress)
  }

  package func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws
    -> StableDiffusionXLModel
  {
    suits(settings)
      ? self : try StableDiffusionXLModel(moving: self, to: settings, progress: progress)
  }

  package func resolved(_ settings: RunSettings) throws -> RunSettings {
    try check(settings)
    return try settings.resolvingPrompts(usualGuidanceScale: Self.usualGuidanceScale)
  }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    try latents.sampleShape(of: settings)
  }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    try latents.memory(
      of: settings, passes: guidance(of: settings) == nil ? 1 : 2, keptSteps: keptSteps)
  }

  package func networks(of settings: RunSettings) throws -> [PipelineNetwork] {
    let tokens = textEncoders[0].tokenizer.length
    let own = try latents.networks(of: settings, tokens: tokens)
    let texts = textEncoders.map { encoder in
      PipelineNetwork(
        component: encoder.component,
        className: encoder.component == "text_encoder"
          ? "CLIPTextModel" : "CLIPTextModelWithProjection",
        configuration: encoder.network.config, description: encoder.network.describe(tokens: tokens)
      )
    }
    return [own.unet] + texts + [own.vae]
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
