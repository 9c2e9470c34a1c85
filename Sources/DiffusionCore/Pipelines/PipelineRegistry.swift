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
    /// A UNet of latents, two text encoders with their tokenizers, or the second alone, and an autoencoder.
    case stableDiffusionXL
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
  /// The components that a model may do without, as ``components``.
  var optionalComponents: [String: [String]] = [:]
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
  func networks(of index: ModelIndex) -> [String] {
    let optional = optionalComponents.keys.filter { index.components[$0] != nil }
    return (components.keys + optional).filter(ModelSource.hasWeights).sorted()
  }

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
    stableDiffusionXL("StableDiffusionXLPipeline"),
    stableDiffusionXL("StableDiffusionXLImg2ImgPipeline"),
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

  private static func stableDiffusionXL(_ className: String) -> PipelineClass {
    let tokenizers = ["CLIPTokenizer", "CLIPTokenizerFast"]
    return PipelineClass(
      className: className, kind: .stableDiffusionXL,
      components: [
        "unet": ["UNet2DConditionModel"], "vae": ["AutoencoderKL"],
        "text_encoder_2": ["CLIPTextModelWithProjection"],
        "tokenizer_2": tokenizers,
      ], optionalComponents: ["text_encoder": ["CLIPTextModel"], "tokenizer": tokenizers],
      schedulerRule: .own())
  }

  /// Refuses an index whose components do not suit this class.
  func check(_ index: ModelIndex, file: String) throws {
    let optional = optionalComponents.filter { index.components[$0.key] != nil }
    for (name, classes) in components.merging(optional, uniquingKeysWith: { own, _ in own }).sorted(
      by: { $0.key < $1.key })
    {
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
