import TensorKernels

extension UnCLIPModel: PipelineModel {
  /// The device that it computes on.
  public var device: Device { prior.device }
  /// The number of threads that it computes with.
  public var threads: Int { prior.threads }
  /// The precision that its weights were rounded to.
  public var weights: WeightPrecision { prior.weights }
  package var weightNotes: [String] {
    let all = networksByStage
    return all.textEncoder.weightNotes + all.prior.weightNotes + all.textProj.weightNotes + all.decoder.weightNotes
      + all.superResFirst.weightNotes + all.superResLast.weightNotes
  }
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
    let all = networksByStage
    func moved<Moved: Network>(_ network: Moved) throws -> Moved {
      try network.on(settings.device, threads: settings.threads, weights: settings.weights, progress: progress)
    }
    return try UnCLIPModel(
      Networks(
        textEncoder: moved(all.textEncoder), prior: moved(all.prior), textProj: moved(all.textProj),
        decoder: moved(all.decoder), superResFirst: moved(all.superResFirst), superResLast: moved(all.superResLast)),
      tokenizer: tokenizer)
  }

  /// The settings with the model's own numbers of steps and guidance scales.
  package func resolved(_ settings: RunSettings) throws -> RunSettings {
    let request = RunRequest(settings: settings)
    let unused: [Setting] = [
      .negativePrompt, .guidanceRescale, .promptBlend, .classLabels, .initImage, .call, .variation, .branches,
    ]
    if let found = unused.first(where: { !$0.isUsual(in: request) }) {
      throw DiffusionError(.usage, "\(found.name): unCLIP has no use for it: leave it out")
    }
    if let name = settings.scheduler, SchedulerClass.find(name)?.shortName != UnCLIPScheduler.shortName {
      throw DiffusionError(
        .usage,
        "\(Setting.scheduler.name) \(name): the networks of unCLIP are made for \(UnCLIPScheduler.shortName) alone: "
          + "leave it out")
    }
    var settings = settings
    settings.guidanceScale = settings.guidanceScale ?? Self.usual.guidanceScale
    settings.priorGuidanceScale = settings.priorGuidanceScale ?? Self.usual.priorGuidanceScale
    settings.priorSteps = settings.priorSteps ?? Self.usual.priorSteps
    settings.superResSteps = settings.superResSteps ?? Self.usual.superResSteps
    return settings
  }

  package var firstStage: String? { "prior" }

  package func firstSteps(of settings: RunSettings) -> Int { settings.priorSteps ?? Self.usual.priorSteps }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    let size = try Self.size(networksByStage.superResFirst.config.sampleSize, of: "super_res_first")
    guard settings.height ?? size.height == size.height, settings.width ?? size.width == size.width else {
      throw DiffusionError(
        .usage,
        "width and height are \(settings.width ?? size.width)x\(settings.height ?? size.height): the model makes "
          + "images of \(size.width)x\(size.height)")
    }
    return [prior.config.embeddingDim]
  }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    let images = settings.selection.image == nil ? settings.batchSize : 1, guided = isGuided(settings) ? 2 : 1
    let small = try Self.size(decoder.config.sampleSize, of: "decoder"), superRes = networksByStage.superResFirst.config
    let large = try Self.size(superRes.sampleSize, of: "super_res_first")
    // The prior's tensors are small beside those of pictures.
    let decoding = MemoryEstimate.run(
      decoder.config, shape: [.product(images, guided), decoder.config.inChannels, small.height, small.width],
      keptSteps: keptSteps == 0 ? 0 : settings.steps)
    let enlarging = MemoryEstimate.run(
      superRes, shape: [images, superRes.inChannels, large.height, large.width],
      keptSteps: keptSteps == 0 ? 0 : settings.superResSteps ?? Self.usual.superResSteps)
    return keptSteps == 0 ? max(decoding, enlarging) : .sum(of: [decoding, enlarging])
  }

  package func networks() throws -> [PipelineNetwork] {
    let all = networksByStage, tokens = tokenizer.length
    let small = try Self.size(decoder.config.sampleSize, of: "decoder")
    let large = try Self.size(all.superResFirst.config.sampleSize, of: "super_res_first")
    func superRes(_ component: String, _ unet: UNet2DModel) throws -> PipelineNetwork {
      PipelineNetwork(
        component: component, className: "UNet2DModel", configuration: unet.config,
        description: try unet.describe(height: large.height, width: large.width))
    }
    return [
      PipelineNetwork(
        component: "prior", className: className, configuration: prior.config, description: prior.describe()),
      PipelineNetwork(
        component: "text_encoder", className: "CLIPTextModelWithProjection", configuration: all.textEncoder.config,
        description: all.textEncoder.describe(tokens: tokens)),
      PipelineNetwork(
        component: "text_proj", className: "UnCLIPTextProjModel", configuration: all.textProj.config,
        description: all.textProj.describe(tokens: tokens)),
      PipelineNetwork(
        component: "decoder", className: "UNet2DConditionModel", configuration: decoder.config,
        description: try decoder.describe(
          height: small.height, width: small.width, tokens: tokens + all.textProj.config.clipExtraContextTokens)),
      try superRes("super_res_first", all.superResFirst), try superRes("super_res_last", all.superResLast),
    ]
  }

  package func exampleInput(batchSize: Int) throws -> ModelInput {
    var settings = RunSettings(batchSize: batchSize, device: device, threads: threads, weights: weights)
    (settings.guidanceScale, settings.priorGuidanceScale) = (1, 1)
    let sample = try Generator(device: .cpu).manualSeed(0).randn([batchSize, prior.config.embeddingDim])
    return ModelInput(
      sample: sample, timestep: 500, conditioning: try conditioning(of: resolved(settings)).conditional)
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
      settings.priorGuidanceScale ?? Self.usual.priorGuidanceScale, settings.guidanceScale ?? Self.usual.guidanceScale
    )
  }

  /// Whether predictions are guided: in both stages if either of their scales asks for it.
  private func isGuided(_ settings: RunSettings) -> Bool {
    let scales = scales(settings)
    return scales.prior > 1 || scales.decoder > 1
  }

  /// The embeddings of the prompts, in the order of `_encode_prompt`; each text is encoded once.
  package func conditioning(of settings: RunSettings) throws -> RunConditioning {
    let prompts = settings.prompts.isEmpty ? [""] : settings.prompts, guided = isGuided(settings)
    let cut = (prompts + (guided ? [""] : [])).map { tokenizer($0) }
    let output = try networksByStage.textEncoder(cut.map { $0.tokens.map(\.id) })
    guard let embeds = output.textEmbeds else {
      throw DiffusionError(
        .badData, "the text encoder has no projection: expected a CLIPTextModelWithProjection")
    }
    let images = settings.selection.image.map { $0 - 1..<$0 } ?? 0..<settings.batchSize
    func text(_ rows: [Int]) -> ModelInput.Conditioning {
      let mask = rows.flatMap { row in
        cut[row].tokens.indices.map { $0 < cut[row].count ? Float(1) : 0 }
      }
      return ModelInput.Conditioning(
        encoderHiddenStates: output.lastHiddenState.rows(rows),
        encoderAttentionMask: Tensor(unchecked: [rows.count, tokenizer.length], mask), textEmbeds: embeds.rows(rows))
    }
    let conditional = text(images.map { prompts.count > 1 ? $0 : 0 })
    guard guided else { return RunConditioning(conditional, prompts: cut) }
    let unconditional = text(images.map { _ in prompts.count })
    return RunConditioning(
      conditional, guidance: Guidance(unconditional: unconditional, scale: scales(settings).prior),
      prompts: Array(cut.dropLast()))
  }

  package func stages(of settings: RunSettings, after first: RunConditioning) throws -> [RunStage] {
    let all = networksByStage, channels = decoder.config.inChannels, scale = scales(settings).decoder
    let small = try Self.size(decoder.config.sampleSize, of: "decoder")
    let large = try Self.size(all.superResFirst.config.sampleSize, of: "super_res_first")
    let decoding = RunStage(
      "decoder", steps: settings.steps, model: decoder, sampleShape: [channels, small.height, small.width]
    ) { latents in
      let embeddings = try all.prior.postProcess(latents)
      let guidance = try first.guidance.map {
        Guidance(
          unconditional: try all.textProj(nil, text: $0.unconditional), scale: scale, guidedChannels: channels)
      }
      return RunConditioning(try all.textProj(embeddings, text: first.conditional), guidance: guidance)
    }
    let enlarging = RunStage(
      "super-resolution", steps: settings.superResSteps ?? Self.usual.superResSteps,
      model: SuperResolutionModel(unet: all.superResFirst), lastModel: SuperResolutionModel(unet: all.superResLast),
      sampleShape: [channels, large.height, large.width]
    ) { picture in
      let limited = picture.map { clamp($0, -1, 1) }
      return RunConditioning(
        ModelInput.Conditioning(
          image: try BicubicResizing.resized(limited, height: large.height, width: large.width)))
    }
    return [decoding, enlarging]
  }
}
