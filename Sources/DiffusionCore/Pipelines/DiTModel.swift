import TensorKernels

/// The networks of DiT (`diffusers.DiTPipeline`): a transformer that predicts in latents for a class, and the
/// autoencoder between latents and images. Both are on one device.
public final class DiTModel: Sendable {
  /// The network that predicts.
  public let transformer: DiTTransformer2DModel
  /// Decodes latents, and encodes images.
  public let vae: AutoencoderKL
  /// The guidance scale of a run that gives none.
  public static let guidanceScale = 4.0
  /// The label of no class, which guidance compares with. It is the same for any number of classes.
  static let noClass = 1000

  private let samples: LatentSamples
  private let names: ClassNames

  /// Creates a model from its networks, which must be on one device, with the same threads and weights.
  ///
  /// - Parameters:
  ///   - transformer: The network that predicts.
  ///   - vae: The autoencoder.
  ///   - names: The names of the classes.
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  package init(
    transformer: DiTTransformer2DModel, vae: AutoencoderKL, names: ClassNames = ClassNames()
  ) throws {
    try Self.check(transformer.config, vae.config)
    (self.transformer, self.vae, self.names) = (transformer, vae, names)
    samples = LatentSamples(vae)
  }

  private static func check(_ transformer: DiTTransformer2DModelConfig, _ vae: AutoencoderKLConfig) throws {
    let channels = transformer.inChannels, predicted = transformer.predictedChannels
    guard channels == vae.latentChannels else {
      throw DiffusionError(
        .badData,
        "the transformer takes \(channels) channels, the vae has \(vae.latentChannels): expected the same number; do "
          + "they belong together?")
    }
    guard [channels, 2 * channels].contains(predicted) else {
      throw DiffusionError(
        .badData,
        "the transformer gives \(predicted) channels (out_channels): expected \(channels), those of its sample, or "
          + "\(2 * channels), with the variance behind them")
    }
  }

  /// Opens the components of a folder.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - settings: The device, the threads and the weights.
  ///   - progress: Called before each tensor is read; may throw to stop.
  convenience init(_ source: ModelSource, _ settings: RunSettings, progress: OpeningProgressHandler?) throws {
    // Configurations first: what is not supported is said soon.
    let transformer = try source.config(of: "transformer"), vae = try source.config(of: "vae")
    let config = try DiTTransformer2DModelConfig(json: transformer.read(), file: transformer.path)
    let vaeConfig = try AutoencoderKLConfig(json: vae.read(), file: vae.path)
    try Self.check(config, vaeConfig)
    let (device, threads, weights) = (settings.device, settings.threads, settings.weights)
    // All weights are checked before any is laid out for the device.
    let vaeParameters = try AutoencoderKL.checked(source.parameters(of: "vae"), vaeConfig, progress: progress)
    let parameters = try DiTTransformer2DModel.checked(
      source.parameters(of: "transformer"), config, progress: progress)
    let autoencoder = try AutoencoderKL(
      config: vaeConfig, parameters: vaeParameters, device: device, threads: threads, weights: weights,
      progress: progress)
    try self.init(
      transformer: DiTTransformer2DModel(
        config: config, parameters: parameters, device: device, threads: threads, weights: weights,
        progress: progress),
      vae: autoencoder, names: source.modelIndex().classNames)
  }
}

extension DiTModel: PipelineModel {
  /// The device that it computes on.
  public var device: Device { transformer.device }
  /// The number of threads that it computes with.
  public var threads: Int { transformer.threads }
  /// The precision that its weights were rounded to.
  public var weights: WeightPrecision { transformer.weights }
  package var fileNotes: [String] { transformer.fileNotes + vae.fileNotes }
  package var className: String { "DiTTransformer2DModel" }
  package var format: any SampleFormat { samples }
  package var identity: ObjectIdentifier? { ObjectIdentifier(self) }

  /// The variance that the network may have learned is left out, as in Diffusers.
  package func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try transformer.predict(input, keeping: transformer.config.inChannels, progress: progress)
  }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {
    _ = try transformer.predict(input, observer: observer, progress: progress)
  }

  package func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws -> DiTModel {
    guard !suits(settings) else { return self }
    let (device, threads, weights) = (settings.device, settings.threads, settings.weights)
    return try DiTModel(
      transformer: transformer.on(device, threads: threads, weights: weights, progress: progress),
      vae: vae.on(device, threads: threads, weights: weights, progress: progress), names: names)
  }

  /// Its classes, and the label that stands for none.
  private var classes: ModelClasses { ModelClasses(0...transformer.config.numEmbedsAdaNorm, names: names) }

  package func resolved(_ settings: RunSettings) throws -> RunSettings {
    let request = RunRequest(settings: settings), usual = RunRequest.usual
    let unused = Setting.ofPrompts.filter { $0 != .guidanceScale && $0 != .classLabels }
    if let found = unused.first(where: { $0.value(of: request) != $0.value(of: usual) }) {
      throw DiffusionError(
        SettingFault(
          found.name, refusal: "the model takes no prompt: it takes a class, \(Setting.classLabels.name)"))
    }
    var settings = try settings.resolving(classes)
    let scale = settings.guidanceScale ?? Self.guidanceScale, count = transformer.config.numEmbedsAdaNorm
    guard scale <= 1 || Self.noClass <= count else {
      throw DiffusionError(
        .usage,
        "\(Setting.guidanceScale.name) \(SettingValue(number: scale).text): guidance takes label \(Self.noClass) for "
          + "no class, and the model has labels 0 to \(count): take a scale of 1")
    }
    settings.guidanceScale = scale
    return settings
  }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    let side = transformer.config.sampleSize, pixels = Int.product(side, samples.scale)
    guard settings.height ?? pixels == pixels, settings.width ?? pixels == pixels else {
      throw DiffusionError(
        .usage,
        "width and height are \(settings.width ?? pixels)x\(settings.height ?? pixels): the model makes images of "
          + "\(pixels)x\(pixels)")
    }
    return [transformer.config.inChannels, side, side]
  }

  package func conditioning(of settings: RunSettings) throws -> RunConditioning {
    let images = try settings.imageClasses(of: classes), scale = settings.guidanceScale ?? Self.guidanceScale
    let conditional = ModelInput.Conditioning(classLabels: images.map(\.number))
    guard scale > 1 else { return RunConditioning(conditional, classes: images, stepsFromModelInput: true) }
    let unconditional = ModelInput.Conditioning(classLabels: images.map { _ in Self.noClass })
    return RunConditioning(
      conditional, guidance: Guidance(unconditional: unconditional, scale: scale), classes: images,
      stepsFromModelInput: true)
  }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    let sample = try sampleShape(of: settings), guided = settings.guidanceScale ?? Self.guidanceScale > 1 ? 2 : 1
    let images = settings.selection.image == nil ? settings.batchSize : 1
    let pass = MemoryEstimate.run(
      transformer.config, shape: [.product(images, guided)] + sample, keptSteps: keptSteps)
    // Images are decoded one at a time, when the run's own passes are over; buffers of those wait for the next one.
    let image = [1, 0, Int.product(sample[1], samples.scale), Int.product(sample[2], samples.scale)]
    return .sum(of: [pass, MemoryEstimate.pass(vae.config, images: image)])
  }

  package func networks(of settings: RunSettings) throws -> [PipelineNetwork] {
    let pixels = try Int.product(sampleShape(of: settings)[1], samples.scale)
    return [
      PipelineNetwork(
        component: "transformer", className: className, configuration: transformer.config,
        description: transformer.describe()),
      PipelineNetwork(
        component: "vae", className: "AutoencoderKL", configuration: vae.config,
        description: try vae.describe(height: pixels, width: pixels)),
    ]
  }

  package func exampleInput(of settings: RunSettings) throws -> ModelInput {
    let shape = try [settings.batchSize] + sampleShape(of: settings)
    return ModelInput(
      sample: try Generator(device: .cpu).manualSeed(0).randn(shape), timestep: 500,
      conditioning: ModelInput.Conditioning(classLabels: Array(repeating: 0, count: settings.batchSize)))
  }

  package func predict(
    _ input: ModelInput, profiler: LayerProfiler, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try transformer.predict(input, profiler: profiler, progress: progress)
  }
}
