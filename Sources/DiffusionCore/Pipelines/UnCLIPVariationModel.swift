/// The networks of unCLIP's variations of a picture (`diffusers.UnCLIPImageVariationPipeline`): an image encoder in the
/// place of the prior, and those that make pictures of its embeddings. All are on one device.
public final class UnCLIPVariationModel: Sendable {
  /// Makes the image encoder's input of a picture.
  public let processor: CLIPImageProcessor
  /// Encodes pictures.
  public let imageEncoder: CLIPVisionModel
  let pictures: UnCLIPPictures

  /// Creates a model from its networks, which must be on one device, with the same threads and weights.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) for networks that do not fit each other.
  init(processor: CLIPImageProcessor, imageEncoder: CLIPVisionModel, _ pictures: UnCLIPPictures) throws {
    (self.processor, self.imageEncoder, self.pictures) = (processor, imageEncoder, pictures)
    let side = imageEncoder.config.imageSize
    for found in [processor.cropSize?.height, processor.cropSize?.width] {
      try UnCLIPPictures.require(found ?? 0, side, "the feature extractor's crop_size, for the image encoder's,")
    }
    try UnCLIPPictures.require(
      pictures.textProj.config.clipEmbeddingsDim, imageEncoder.config.projectionDim,
      "text_proj's clip_embeddings_dim, for the image encoder's projection_dim,")
  }

  /// Opens the components of a folder.
  ///
  /// - Parameters:
  ///   - source: The folder.
  ///   - settings: The device, the threads and the weights.
  ///   - progress: Called before each tensor is read; may throw to stop.
  convenience init(_ source: ModelSource, _ settings: RunSettings, progress: OpeningProgressHandler?) throws {
    let extractor = try source.config(of: ModelSource.imageProcessor), file = try source.config(of: "image_encoder")
    let processor = try CLIPImageProcessor(json: extractor.read(), file: extractor.path)
    let config = try CLIPVisionConfig(json: file.read(), file: file.path)
    // All weights are checked before any is laid out for the device.
    let files = try UnCLIPPictures.Files(source, progress: progress)
    let parameters = try CLIPVisionModel.checked(source.parameters(of: "image_encoder"), config, progress: progress)
    let pictures = try UnCLIPPictures(files, settings, progress: progress)
    try self.init(
      processor: processor,
      imageEncoder: CLIPVisionModel(
        config: config, parameters: parameters, device: settings.device, threads: settings.threads,
        weights: settings.weights, progress: progress), pictures)
  }

  private var decoder: UNet2DConditionModel { pictures.decoder }
}

extension UnCLIPVariationModel: PipelineModel {
  /// The device that it computes on.
  public var device: Device { decoder.device }
  /// The number of threads that it computes with.
  public var threads: Int { decoder.threads }
  /// The precision that its weights were rounded to.
  public var weights: WeightPrecision { decoder.weights }
  package var fileNotes: [String] { imageEncoder.fileNotes + pictures.fileNotes }
  package var className: String { "UNet2DConditionModel" }
  package var format: any SampleFormat { PixelFormat() }
  package var identity: ObjectIdentifier? { decoder.identity }

  package func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try decoder(input, progress: progress)
  }

  package func observe(
    _ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?
  ) throws {
    try decoder.observe(input, observer: observer, progress: progress)
  }

  package func on(_ settings: RunSettings, progress: OpeningProgressHandler?) throws -> UnCLIPVariationModel {
    guard !suits(settings) else { return self }
    return try UnCLIPVariationModel(
      processor: processor,
      imageEncoder: imageEncoder.on(
        settings.device, threads: settings.threads, weights: settings.weights, progress: progress),
      pictures.on(settings, progress: progress))
  }

  /// The settings with the model's own number of steps and guidance scale.
  package func resolved(_ settings: RunSettings) throws -> RunSettings {
    guard settings.initImage != nil else {
      throw DiffusionError(
        .usage, "init_image: the model makes variations of a picture: give one with --image FILE, or as init_image")
    }
    try UnCLIPPictures.refuse(
      [.prompt, .priorSteps, .priorGuidanceScale, .invert], in: settings, because: "a model of variations of a picture")
    guard settings.strength == RunSettings.usualStrength else {
      throw DiffusionError(
        .usage, "strength: the run begins with noise, and the picture only tells what to make: leave it out")
    }
    var settings = settings
    settings.guidanceScale = settings.guidanceScale ?? UnCLIPPictures.usual.guidanceScale
    settings.superResSteps = settings.superResSteps ?? UnCLIPPictures.usual.superResSteps
    return settings
  }

  package var firstStage: String? { UnCLIPPictures.stages.decoder }

  package var stageSettings: [[Setting]] { [[.steps, .guidanceScale], [.superResSteps]] }

  package func sampleShape(of settings: RunSettings) throws -> [Int] {
    try pictures.check(sizeOf: settings)
    return try pictures.smallShape()
  }

  package func memory(of settings: RunSettings, keptSteps: Int) throws -> Int {
    try pictures.memory(of: settings, passes: scale(settings) > 1 ? 2 : 1, keptSteps: keptSteps)
  }

  package func networks(of settings: RunSettings) throws -> [PipelineNetwork] {
    try pictures.check(sizeOf: settings)
    let others = try pictures.networks()
    let encoder = PipelineNetwork(
      component: "image_encoder", className: "CLIPVisionModelWithProjection", configuration: imageEncoder.config,
      description: imageEncoder.describe())
    let isDecoder = { (network: PipelineNetwork) in network.component == "decoder" }
    return others.pictures.filter(isDecoder) + [encoder, others.text] + others.pictures.filter { !isDecoder($0) }
  }

  package func exampleInput(of settings: RunSettings) throws -> ModelInput {
    let shape = try [settings.batchSize] + sampleShape(of: settings), side = imageEncoder.config.imageSize
    let own = RunSettings(
      batchSize: settings.batchSize, device: device, threads: threads, weights: weights, guidanceScale: 1)
    let grey = Tensor(unchecked: [1, 3, side, side], [Float](repeating: 0, count: 3 * side * side))
    return ModelInput(
      sample: try Generator(device: .cpu).manualSeed(0).randn(shape), timestep: 500,
      conditioning: try conditioning(of: own, pixels: grey).conditional)
  }

  package func predict(
    _ input: ModelInput, profiler: LayerProfiler, progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try decoder.predict(input, profiler: profiler, progress: progress)
  }

  package func stages(of settings: RunSettings, after first: RunConditioning) throws -> [RunStage] {
    [try pictures.enlarging(settings)]
  }
}

extension UnCLIPVariationModel {
  package var showsPicture: Bool { true }

  private func scale(_ settings: RunSettings) -> Double {
    settings.guidanceScale ?? UnCLIPPictures.usual.guidanceScale
  }

  /// Refuses a run without a picture.
  package func conditioning(of settings: RunSettings) throws -> RunConditioning {
    throw DiffusionError(.usage, "init_image: the model makes variations of a picture, found none")
  }

  package func conditioning(of settings: RunSettings, showing picture: SourcePicture) throws -> RunConditioning {
    try conditioning(of: settings, pixels: processor(picture))
  }

  /// The embedding of a picture for each image, with that of an empty text beside it, as the pipeline has it.
  private func conditioning(of settings: RunSettings, pixels: Tensor<Float>) throws -> RunConditioning {
    let images = settings.selection.image == nil ? settings.batchSize : 1, scale = scale(settings)
    let rows = Array(repeating: 0, count: images), text = try pictures.encode([""]).rows(rows)
    return try pictures.decoding(
      imageEncoder(pixels).rows(rows), text: text, unconditional: scale > 1 ? text : nil, scale: scale)
  }
}
