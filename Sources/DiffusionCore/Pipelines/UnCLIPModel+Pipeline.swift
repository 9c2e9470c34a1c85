extension UnCLIPModel: PipelineModel {
  /// The device that it computes on.
  public var device: Device { prior.device }
  /// The number of threads that it computes with.
  public var threads: Int { prior.threads }
  /// The precision that its weights were rounded to.
  public var weights: WeightPrecision { prior.weights }
  package var fileNotes: [String] { prior.fileNotes + pictures.fileNotes }
  package var className: String { "PriorTransformer" }
  package var format: any SampleFormat { PixelFormat() }
  package var identity: ObjectIdentifier? { ObjectIdentifier(prior) }

  package func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try prior(input, progress: progress)
  }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {
    _ = try prior.predict(input, observer: observer, progress: progress)
  }

  package func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws -> UnCLIPModel {
    guard !suits(settings) else { return self }
    return try UnCLIPModel(
      prior: prior.on(settings.device, threads: settings.threads, weights: settings.weights, progress: progress),
      pictures.on(settings, progress: progress))
  }

  /// The settings with the model's own numbers of steps and guidance scales.
  package func resolved(_ settings: RunSettings) throws -> RunSettings {
    try UnCLIPPictures.refuse([.initImage], in: settings, because: "unCLIP")
    var settings = settings
    settings.guidanceScale = settings.guidanceScale ?? UnCLIPPictures.usual.guidanceScale
    settings.priorGuidanceScale = settings.priorGuidanceScale ?? Self.usual.priorGuidanceScale
    settings.priorSteps = settings.priorSteps ?? Self.usual.priorSteps
    settings.superResSteps = settings.superResSteps ?? UnCLIPPictures.usual.superResSteps
    return settings
  }

  package var firstStage: String? { "prior" }

  package var stageSettings: [[Setting]] {
    [[.priorSteps, .priorGuidanceScale], [.steps, .guidanceScale, .prompt], [.superResSteps]]
  }

  package func firstSteps(of settings: RunSettings) -> Int { settings.priorSteps ?? Self.usual.priorSteps }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    try pictures.check(sizeOf: settings)
    return [prior.config.embeddingDim]
  }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    // The prior's tensors are small beside those of pictures.
    try pictures.memory(of: settings, passes: isGuided(settings) ? 2 : 1, keptSteps: keptSteps)
  }

  package func networks(of settings: RunSettings) throws -> [PipelineNetwork] {
    try pictures.check(sizeOf: settings)
    let others = try pictures.networks()
    return [
      PipelineNetwork(
        component: "prior", className: className, configuration: prior.config, description: prior.describe()),
      others.text,
    ] + others.pictures
  }

  package func exampleInput(of settings: RunSettings) throws -> ModelInput {
    let shape = try [settings.batchSize] + sampleShape(of: settings)
    var own = RunSettings(batchSize: settings.batchSize, device: device, threads: threads, weights: weights)
    (own.guidanceScale, own.priorGuidanceScale) = (1, 1)
    return ModelInput(
      sample: try Generator(device: .cpu).manualSeed(0).randn(shape), timestep: 500,
      conditioning: try conditioning(of: resolved(own)).conditional)
  }

  package func predict(
    _ input: ModelInput, profiler: LayerProfiler, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try prior.predict(input, profiler: profiler, progress: progress)
  }
}

extension UnCLIPModel {
  /// The guidance scales of the prior and the decoder.
  private func scales(_ settings: RunSettings) -> (prior: Double, decoder: Double) {
    (
      settings.priorGuidanceScale ?? Self.usual.priorGuidanceScale,
      settings.guidanceScale ?? UnCLIPPictures.usual.guidanceScale
    )
  }

  /// Whether predictions are guided: in both stages if either of their scales asks for it.
  private func isGuided(_ settings: RunSettings) -> Bool {
    let scales = scales(settings)
    return scales.prior > 1 || scales.decoder > 1
  }

  /// The embeddings of the prompts.
  package func conditioning(of settings: RunSettings) throws -> RunConditioning {
    let prompts = settings.prompts.isEmpty ? [""] : settings.prompts, guided = isGuided(settings)
    let texts = try pictures.encode(prompts + (guided ? [""] : []))
    let images = settings.selection.image.map { $0 - 1..<$0 } ?? 0..<settings.batchSize
    let conditional = texts.rows(images.map { prompts.count > 1 ? $0 : 0 })
    guard guided else { return RunConditioning(conditional, prompts: texts.cut) }
    return RunConditioning(
      conditional,
      guidance: Guidance(unconditional: texts.rows(images.map { _ in prompts.count }), scale: scales(settings).prior),
      prompts: Array(texts.cut.dropLast()))
  }

  package func stages(of settings: RunSettings, after first: RunConditioning) throws -> [RunStage] {
    let scale = scales(settings).decoder
    let decoding = RunStage(
      UnCLIPPictures.stages.decoder, steps: settings.steps, model: pictures.decoder,
      sampleShape: try pictures.smallShape()
    ) { [prior, pictures] latents in
      try pictures.decoding(
        prior.postProcess(latents), text: first.conditional, unconditional: first.guidance?.unconditional, scale: scale)
    }
    return [decoding, try pictures.enlarging(settings)]
  }
}
