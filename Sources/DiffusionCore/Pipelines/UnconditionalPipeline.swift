/// The network of unconditional pipelines: its samples are images, and it takes no prompt. Diffusers' pipelines give it
/// no class; where it has classes, a run has one here.
extension UNet2DModel: PipelineModel {
  package var format: any SampleFormat { PixelFormat() }
  package var className: String { "UNet2DModel" }

  package func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws -> UNet2DModel {
    try on(settings.device, threads: settings.threads, weights: settings.weights, progress: progress)
  }

  package func resolved(_ settings: RunSettings) throws -> RunSettings {
    let request = RunRequest(settings: settings), classes = config.classes
    let unused = Setting.ofPrompts.filter { $0 != .classLabels || classes == nil }
    guard let found = unused.first(where: { !$0.isUsual(in: request) }) else { return try settings.resolving(classes) }
    if found == .classLabels {
      throw DiffusionError(
        SettingFault(found.name, refusal: "the model has no classes: it is unconditional; open one that has some"))
    }
    throw DiffusionError(
      SettingFault(
        found.name, refusal: "the model takes no prompt: it is unconditional; open one that takes a prompt"))
  }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    guard let size = config.sampleSize else {
      throw DiffusionError(
        .badData,
        "config.json: sample_size is null: a pipeline needs the height and width of the images; write them there")
    }
    guard settings.height ?? size.height == size.height, settings.width ?? size.width == size.width else {
      throw DiffusionError(
        .usage,
        "width and height are \(settings.width ?? size.width)x\(settings.height ?? size.height): the model is "
          + "unconditional and makes images of \(size.width)x\(size.height)")
    }
    return [config.inChannels, size.height, size.width]
  }

  package func conditioning(of settings: RunSettings) throws -> RunConditioning {
    guard let classes = config.classes else { return RunConditioning() }
    let images = try settings.imageClasses(of: classes)
    return RunConditioning(ModelInput.Conditioning(classLabels: images.map(\.number)), classes: images)
  }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    MemoryEstimate.run(config, shape: try [settings.batchSize] + sampleShape(of: settings), keptSteps: keptSteps)
  }

  package func networks(of settings: RunSettings) throws -> [PipelineNetwork] {
    let size = try exampleSize(of: settings)
    return [
      PipelineNetwork(
        component: "unet", className: className, configuration: config,
        description: try describe(height: size.height, width: size.width))
    ]
  }

  package func exampleInput(of settings: RunSettings) throws -> ModelInput {
    let size = try exampleSize(of: settings), generator = Generator(device: .cpu).manualSeed(0)
    let sample = try generator.randn([settings.batchSize, config.inChannels, size.height, size.width])
    // Any timestep and any class will do: the work does not depend on them.
    return ModelInput(
      sample: sample, timestep: 500, conditioning: config.exampleConditioning(batchSize: settings.batchSize))
  }

  /// Its own size; a model without one is measured at the size that is asked for, or at that of Diffusers' examples.
  private func exampleSize(of settings: RunSettings) throws -> (height: Int, width: Int) {
    guard let size = config.sampleSize else { return (settings.height ?? 32, settings.width ?? 32) }
    _ = try sampleShape(of: settings)
    return size
  }

  package func predict(
    _ input: ModelInput, profiler: LayerProfiler, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try predict(input, observer: nil, profiler: profiler, progress: progress)
  }
}

extension UNet2DModelConfig {
  /// The classes that a run may ask for; nil for a model without classes, or one that takes features in their place.
  fileprivate var classes: ModelClasses? {
    switch classEmbedType {
    case nil: numClassEmbeds.map { ModelClasses(0...$0 - 1) }
    case .timestep: ModelClasses(0...Int(Timesteps.largest))
    case .identity: nil
    }
  }
}

extension PipelineClass.Kind {
  /// Opens a pipeline's networks.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - settings: Their device, threads and weights.
  ///   - progress: Called before each tensor is read; may throw to stop.
  func open(
    _ source: ModelSource, _ settings: RunSettings, progress: OpeningProgressHandler?
  ) throws -> any PipelineModel {
    switch self {
    case .latentDiffusion: return try LatentDiffusionModel(source, settings, progress: progress)
    case .stableDiffusion(let guidanceScale):
      return try StableDiffusionModel(
        source, guidanceScale: guidanceScale, settings, progress: progress)
    case .stableDiffusionXL: return try StableDiffusionXLModel(source, settings, progress: progress)
    case .dit: return try DiTModel(source, settings, progress: progress)
    case .unCLIP: return try UnCLIPModel(source, settings, progress: progress)
    case .unCLIPVariation: return try UnCLIPVariationModel(source, settings, progress: progress)
    case .unconditional:
      let config = try source.config(of: "unet")
      return try UNet2DModel(
        config: UNet2DModelConfig(json: config.read(), file: config.path), parameters: source.parameters(of: "unet"),
        device: settings.device, threads: settings.threads, weights: settings.weights, progress: progress)
    }
  }
}
