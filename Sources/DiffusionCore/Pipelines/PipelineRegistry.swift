/// A pipeline class, by the `_class_name` of `model_index.json`. The registry has an entry for each.
public struct PipelineClass: Sendable, Equatable {
  /// The rule for the default scheduler.
  enum SchedulerRule: Sendable, Equatable {
    /// The pipeline's `__init__` converts the folder's scheduler to this class (`scheduler_class.from_config`).
    case converts(to: String)
    /// The folder's own class runs, except for one that another replaces.
    case own(exchanging: String? = nil, for: String? = nil)
  }

  /// How a pipeline's networks play together.
  enum Kind: Sendable, Equatable {
    /// A `UNet2DModel` alone.
    case unconditional
    /// A `UNet2DModel` of latents, and their autoencoder.
    case latentDiffusion
    /// A UNet of latents, a text encoder with its tokenizer, and an autoencoder.
    ///
    /// - Parameter guidanceScale: The guidance scale where neither a run nor the model has one.
    case stableDiffusion(guidanceScale: Double)
    /// A transformer of latents that takes a class, and an autoencoder.
    case dit
    /// A text encoder, a prior, a decoder and two networks for super-resolution.
    case unCLIP
    /// An image encoder, a decoder and two networks for super-resolution.
    case unCLIPVariation
  }

  /// Diffusers' name: `DDIMPipeline`.
  public let className: String
  /// How its networks play together.
  var kind = Kind.unconditional
  /// Whether `__init__` changes outdated options of the folder's scheduler.
  var correctsScheduler = false
  /// Whether its samples are images in [0, 1]; otherwise they are around [-1, 1].
  var samplesAreUnsigned = false
  /// The number of steps with a scheduler of a class, where nobody says one; ``RunSettings/usualSteps`` with others.
  var usualSteps: [String: Int] = [:]
  /// The components by their names in `model_index.json`, each with its supported classes; the scheduler is not among
  /// them.
  let components: [String: [String]]
  /// The schedulers by their names in `model_index.json`, one for each stage, in the order of the stages.
  var schedulers = ["scheduler"]
  let schedulerRule: SchedulerRule

  /// A line about the components of a model that are not run.
  static func warnings(about index: ModelIndex, of model: String) -> [String] {
    let used = Set(index.used), found = index.components.keys.filter { !used.contains($0) }.sorted()
    guard !found.isEmpty else { return [] }
    let checks = found.contains("safety_checker") ? "the safety checker is not run" : "not run"
    return ["\(model): \(checks) (\(found.joined(separator: ", ")))"]
  }

  /// The names of its networks, which have weights.
  var networks: [String] { components.keys.filter(ModelSource.hasWeights).sorted() }

  /// Every supported class.
  public static let all: [PipelineClass] = [
    PipelineClass(
      className: "ConsistencyModelPipeline", usualSteps: ["CMStochasticIterativeScheduler": 1],
      components: ["unet": ["UNet2DModel"]], schedulerRule: .own()),
    PipelineClass(
      className: "DDIMPipeline", components: ["unet": ["UNet2DModel"]], schedulerRule: .converts(to: "DDIMScheduler")),
    // Diffusers' guide on reproducible pipelines opens google/ddpm-cifar10-32, a DDPMPipeline, as DDIM.
    PipelineClass(
      className: "DDPMPipeline", usualSteps: ["DDPMScheduler": 1000], components: ["unet": ["UNet2DModel"]],
      schedulerRule: .own(exchanging: "DDPMScheduler", for: "DDIMScheduler")),
    PipelineClass(
      className: "DiTPipeline", kind: .dit,
      components: ["transformer": ["DiTTransformer2DModel", "Transformer2DModel"], "vae": ["AutoencoderKL"]],
      schedulerRule: .own()),
    PipelineClass(
      className: "KarrasVePipeline", components: ["unet": ["UNet2DModel"]], schedulerRule: .own()),
    PipelineClass(
      className: "LDMPipeline", kind: .latentDiffusion, components: ["unet": ["UNet2DModel"], "vqvae": ["VQModel"]],
      schedulerRule: .own()),
    PipelineClass(
      className: "PNDMPipeline", components: ["unet": ["UNet2DModel"]], schedulerRule: .converts(to: "PNDMScheduler")),
    PipelineClass(
      className: "ScoreSdeVePipeline", samplesAreUnsigned: true, usualSteps: ["ScoreSdeVeScheduler": 2000],
      components: ["unet": ["UNet2DModel"]], schedulerRule: .own()),
    stableDiffusion("StableDiffusionPipeline", guidanceScale: 7.5, correctsScheduler: true),
    stableDiffusion("StableDiffusionImg2ImgPipeline", guidanceScale: 7.5, correctsScheduler: true),
    stableDiffusion("LatentConsistencyModelPipeline", guidanceScale: 8.5, correctsScheduler: false),
    PipelineClass(
      className: "UnCLIPPipeline", kind: .unCLIP, usualSteps: ["UnCLIPScheduler": 25],
      components: UnCLIPPictures.classes.merging(["prior": ["PriorTransformer"]]) { own, _ in own },
      schedulers: ["prior_scheduler", "decoder_scheduler", "super_res_scheduler"], schedulerRule: .own()),
    PipelineClass(
      className: "UnCLIPImageVariationPipeline", kind: .unCLIPVariation, usualSteps: ["UnCLIPScheduler": 25],
      components: UnCLIPPictures.classes.merging([
        "image_encoder": ["CLIPVisionModelWithProjection"],
        ModelSource.imageProcessor: ["CLIPImageProcessor", "CLIPImageProcessorPil", "CLIPFeatureExtractor"],
      ]) { own, _ in own }, schedulers: ["decoder_scheduler", "super_res_scheduler"], schedulerRule: .own()),
  ]

  private static func stableDiffusion(
    _ className: String, guidanceScale: Double, correctsScheduler: Bool
  ) -> PipelineClass {
    PipelineClass(
      className: className, kind: .stableDiffusion(guidanceScale: guidanceScale),
      correctsScheduler: correctsScheduler,
      components: [
        "unet": ["UNet2DConditionModel"], "vae": ["AutoencoderKL"],
        "text_encoder": ["CLIPTextModel", "CLIPTextModelWithProjection"],
        "tokenizer": ["CLIPTokenizer", "CLIPTokenizerFast"],
      ], schedulerRule: .own())
  }

  /// Refuses an index whose components do not suit this class.
  func check(_ index: ModelIndex, file: String) throws {
    for (name, classes) in components.sorted(by: { $0.key < $1.key }) {
      guard let found = index.components[name] else {
        let library = classes[0].hasPrefix("CLIP") ? "transformers" : "diffusers"
        throw DiffusionError(
          .badData, "\(file): \"\(name)\" is missing; expected [\"\(library)\", \"\(classes[0])\"]")
      }
      guard classes.contains(found) else {
        try ModelIndex.refuseOneDimension(found, "the \(name)", file: file)
        throw DiffusionError(
          .badData, "\(file): the \(name) is \(found); supported: \(classes.joined(separator: ", "))")
      }
    }
    let usual = schedulers == ["scheduler"] ? "DDIMScheduler" : "UnCLIPScheduler"
    for scheduler in schedulers where index.components[scheduler] == nil {
      throw DiffusionError(
        .badData, "\(file): \"\(scheduler)\" is missing; expected [\"diffusers\", \"\(usual)\"]")
    }
  }
}

extension PipelineClass {
  /// Finds a class.
  ///
  /// - Parameter file: The file that names it; nil if none does.
  /// - Throws: ``DiffusionError`` (`badData`) that lists the classes.
  init(named name: String, file: String? = nil) throws {
    guard let found = Self.all.first(where: { $0.className == name }) else {
      try ModelIndex.refuseOneDimension(name, "the pipeline", file: file)
      let place = file.map { "\($0): " } ?? "", known = Self.all.map(\.className).joined(separator: ", ")
      throw DiffusionError(.badData, "\(place)the pipeline is \(name); supported: \(known)")
    }
    self = found
  }
}

/// A model's scheduler as its folder describes it, which any class can be created from (`from_config`).
public struct SchedulerSource: Sendable {
  /// The choice of a scheduler.
  public struct Choice: Sendable {
    /// The class that runs.
    public let schedulerClass: SchedulerClass
    /// The short name of the folder's own class where another one replaces it by default.
    public let exchanged: String?
  }

  /// The class that `model_index.json` names: `PNDMScheduler`.
  public let className: String
  /// Its configuration.
  let reader: ConfigurationReader
  /// The pipeline that it belongs to.
  let pipeline: PipelineClass
  /// Those of the stages behind the first, in their order.
  var later: [SchedulerSource] = []
  private var rule: PipelineClass.SchedulerRule { pipeline.schedulerRule }
  /// A line for each key of its configuration that occurs again.
  var warnings: [String] { reader.warnings + later.flatMap(\.warnings) }

  package init(className: String, reader: ConfigurationReader, pipeline: PipelineClass) {
    (self.className, self.reader, self.pipeline) = (className, reader, pipeline)
  }

  /// A source with a default scheduler.
  init<S: Scheduler>(_ scheduler: S) {
    className = S.className
    reader = ConfigurationReader(file: "the scheduler", values: scheduler.config.values)
    pipeline = PipelineClass(className: "DiffusionPipeline", components: [:], schedulerRule: .own())
  }

  /// Chooses the class that runs: the one requested, else the pipeline's own conversion, else the folder's.
  ///
  /// - Parameter name: Diffusers' class name or a short form; nil for the default.
  /// - Throws: ``DiffusionError``: `usage` for an unknown name; `badData` where the folder's own class is not
  ///   supported.
  public func choice(_ name: String?) throws -> Choice {
    if let name { return Choice(schedulerClass: try SchedulerClass(named: name), exchanged: nil) }
    switch rule {
    case .converts(let target):
      return Choice(schedulerClass: try SchedulerClass(named: target), exchanged: nil)
    case .own(let own?, let other?) where own == className:
      return Choice(schedulerClass: try SchedulerClass(named: other), exchanged: SchedulerClass.find(own)?.shortName)
    case .own:
      guard let found = SchedulerClass.find(className) else {
        let known = SchedulerClass.all.map(\.className).joined(separator: ", ")
        throw DiffusionError(
          .badData, "the scheduler is \(className), which is not supported; choose another one: \(known)")
      }
      return Choice(schedulerClass: found, exchanged: nil)
    }
  }

  /// The number of steps of a run where nobody says one: that of Diffusers' pipeline with the scheduler of that
  /// pipeline, 1 for a consistency model, 1,000 for DDPM and 2,000 for ScoreSdeVe, and ``RunSettings/usualSteps`` in
  /// all other cases.
  ///
  /// - Parameter name: As for ``choice(_:)``.
  /// - Throws: As ``choice(_:)``.
  public func usualSteps(_ name: String? = nil) throws -> Int {
    pipeline.usualSteps[try choice(name).schedulerClass.className] ?? RunSettings.usualSteps
  }

  /// Creates the scheduler of a run.
  ///
  /// - Parameters:
  ///   - name: As for ``choice(_:)``.
  ///   - options: Options that replace the configuration's values.
  /// - Throws: ``DiffusionError`` as ``choice(_:)``, and naming an option: `badData` for one of the file, `usage` for
  ///   one of `options`.
  public func scheduler(
    _ name: String? = nil, options: [String: SettingValue] = [:]
  ) throws -> any Scheduler {
    let chosen = try choice(name).schedulerClass
    return try chosen.scheduler(from: corrected(for: chosen), options: options)
  }

  /// Creates the scheduler that takes a picture to its noise, with those of the options that it has.
  ///
  /// - Throws: As ``scheduler(_:options:)``.
  func inverse(for settings: RunSettings) throws -> any Scheduler {
    let inverse = try choice(settings.scheduler).schedulerClass.inverse()
    return try scheduler(
      inverse.className, options: settings.schedulerOptions.filter { inverse.configurationOptions.contains($0.key) })
  }

  /// The configuration as the pipeline's `__init__` corrects it: those of Stable Diffusion set `steps_offset` to 1 and
  /// `clip_sample` to false where the folder's own class has them. What the file leaves out does not reach another
  /// class.
  private func corrected(for chosen: SchedulerClass) -> ConfigurationReader {
    guard pipeline.correctsScheduler else { return reader }
    let own = SchedulerClass.find(className)
    let values = (try? own?.scheduler(from: reader).config.values) ?? reader.values
    var corrected = reader.values
    for (name, value) in ["steps_offset": SettingValue.integer(1), "clip_sample": .bool(false)] {
      guard values[name] != nil, reader.values[name] != nil || chosen.className == own?.className else { continue }
      corrected[name] = value
    }
    return reader.with(values: corrected)
  }
}

extension RunSettings {
  /// The step options of a scheduler that the run sets.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names an option of the wrong type, and for one image of a batch that
  ///   the scheduler mixes.
  func schedulerStepOptions(of scheduler: some Scheduler) throws -> SchedulerOptions {
    if scheduler.mixesImages, batchSize > 1, let image = selection.image {
      throw DiffusionError(
        .usage,
        "image \(image) of a batch of \(batchSize): \(type(of: scheduler).className) mixes the images of a batch in "
          + "its corrector: run the whole batch, or one image as a batch of its own")
    }
    var options = SchedulerOptions(eta: eta, useClippedModelOutput: useClippedModelOutput)
    try SchedulerClass(named: type(of: scheduler).className).read(schedulerOptions, into: &options)
    return options
  }
}

extension ModelSource {
  /// The index of the model: its components.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` if there is no `model_index.json`; `badData` if it describes a model
  ///   that is not supported.
  public func modelIndex() throws -> ModelIndex {
    let file = try modelIndexFile(), index = try ModelIndex(reading: file)
    try PipelineClass(named: index.className, file: file.path).check(index, file: file.path)
    return index
  }
}

extension SchedulerSource {
  /// Why classes are not made for the model, by their short names: the model was trained to be told something else of
  /// the noise than they tell it, or to predict what they do not read. They run nevertheless, except for the latter.
  public var unsuited: [String: String] {
    guard let own = SchedulerClass.find(className) else { return [:] }
    let trained = own.tells(with: reader)
    let reasons = SchedulerClass.all.compactMap { other -> (String, String)? in
      let told = other.tells(with: reader)
      if told != trained { return (other.shortName, "tells the model \(told.words), not \(trained.words)") }
      do {
        _ = try other.configuration(reading: reader)
        return nil
      } catch {
        return (other.shortName, "\(error)")
      }
    }
    return Dictionary(reasons) { first, _ in first }
  }
}
