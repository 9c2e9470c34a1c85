/// The settings that determine a run's result, and the device and threads that it runs on.
///
/// ``Setting/all`` has an entry for each: its name in files, its values and its default.
public struct RunSettings: Sendable, Equatable {
  /// The seed of the one generator, or a seed for each image's own generator.
  public var seeds: [Seed]
  /// The number of images. With one seed, one generator draws for all; with several, there is one image for each seed.
  public var batchSize: Int
  /// The number of inference steps.
  public var steps: Int
  /// 0 (DDIM) to 1 (DDPM).
  public var eta: Float
  /// The device to compute on.
  public var device: Device
  /// The device whose generator draws the noise.
  public var generatorDevice: GeneratorDevice
  /// The card whose CUDA noise is drawn, by its name; nil for one by its numbers.
  public var gpuModel: GPUModel? {
    didSet {
      guard let gpuModel else { return }
      (multiprocessors, threadsPerMultiprocessor) = (gpuModel.multiprocessors, gpuModel.threadsPerMultiprocessor)
    }
  }
  /// The multiprocessors of the card whose CUDA noise is drawn.
  public var multiprocessors: Int
  /// The threads that each of them holds; nil for those of the cards with that many multiprocessors
  /// (``GPUModel/threads(ofMultiprocessors:)``).
  public var threadsPerMultiprocessor: Int?
  /// The card of this machine whose numbers these are; nil where they were given, or are nobody's.
  public internal(set) var installedCard: InstalledCard?
  /// The number of threads.
  public var threads: Int
  /// Whether the noise is derived again from the clipped x_0 in each step.
  public var useClippedModelOutput: Bool
  /// A second seed whose noise is mixed into the run's; nil for none.
  public var variation: NoiseVariation?
  /// The precision that the weights are rounded to before the model computes with them in float32.
  public var weights: WeightPrecision
  /// The part of the generators' numbers that the run starts from.
  public var selection: NoiseSelection
  /// The scheduler by its short name or its class in Diffusers; nil for the default of the model's pipeline.
  public var scheduler: String?
  /// Options that replace those of the scheduler's configuration, and arguments of its step.
  public var schedulerOptions: [String: SettingValue]
  /// The picture that the run starts from, with noise added; nil for noise alone.
  public var initImage: PictureReference? {
    didSet { if initImage == nil { (strength, invert) = (Self.usualStrength, false) } }
  }
  /// The prompt of all images, or one for each of them; none for a model that takes no prompt.
  public var prompts: [String]
  /// The class of all images, or one for each of them; none for class 0, and for a model that has no classes.
  public var classLabels: [ClassLabel]
  /// What the images should not show: with guidance, it takes the place of the empty prompt.
  public var negativePrompt: String
  /// How far the prediction goes from that without the prompt to that with it and beyond: 1 is the prompt alone. Nil
  /// for the model's own scale.
  public var guidanceScale: Double?
  /// How far the guided prediction is scaled back to the deviation of that with the prompt, 0 to 1 (Lin et al. 2023,
  /// arXiv 2305.08891, section 3.4).
  public var guidanceRescale: Double
  /// A second prompt whose embeddings are mixed into those of the prompts; nil for none.
  public var promptBlend: PromptBlend?
  /// The height of the images in pixels; nil for that of the model.
  public var height: Int?
  /// The width of the images in pixels; nil for that of the model.
  public var width: Int?
  /// The share of the steps that a run from a picture takes, 0 to 1: with 1 hardly anything of the picture is left.
  public var strength: Double
  /// Whether the run first takes the picture to its noise, by the inverse of the scheduler, and then goes back.
  public var invert: Bool
  /// Where the run goes on with other settings, in the order of the steps. All other settings are those of its start.
  public var branches: [RunBranch]
  /// The number of inference steps of the prior, for a model with stages; nil for the model's own. ``steps`` is that of
  /// its decoder.
  public var priorSteps: Int?
  /// The number of inference steps of the super-resolution, for a model with stages; nil for the model's own.
  public var superResSteps: Int?
  /// How far the prior's prediction goes towards the prompt, for a model with stages; nil for the model's own.
  /// ``guidanceScale`` is that of its decoder.
  public var priorGuidanceScale: Double?
  /// What Stable Diffusion XL is told of sizes, crops and scores.
  public var sizes: SizeConditioning
  /// A second model that goes on where the first one stops, for Stable Diffusion XL; nil for none.
  public var refiner: ModelReference?
  /// Where it takes over, as a share of the noise's timesteps; nil for ``usualDenoisingEnd``.
  public var denoisingEnd: Double?

  /// Where a refiner usually takes over.
  public static let usualDenoisingEnd = 0.8
  /// The largest height and width of images, in pixels.
  public static let maximumSide = 16_384
  /// The usual strength, as in Diffusers.
  public static let usualStrength = 0.8
  /// The number of steps of most pipelines where nobody says one; see ``SchedulerSource/usualSteps(_:)``.
  public static let usualSteps = 50
  /// The largest number of steps before the model is known; a model's own limit is its `num_train_timesteps`.
  public static let maximumSteps = 100_000
  /// The largest number of threads that the engine starts.
  public static let maximumThreads = Device.maximumThreads

  /// Creates settings with the command line's defaults.
  public init(
    seeds: [Seed] = [0], batchSize: Int = 1, steps: Int = RunSettings.usualSteps, eta: Float = 0, device: Device = .cpu,
    generatorDevice: GeneratorDevice = .cpu, multiprocessors: Int = 132, threadsPerMultiprocessor: Int? = nil,
    gpuModel: GPUModel? = nil, threads: Int,
    useClippedModelOutput: Bool = false, variation: NoiseVariation? = nil, weights: WeightPrecision = .float32,
    selection: NoiseSelection = NoiseSelection(), scheduler: String? = nil,
    schedulerOptions: [String: SettingValue] = [:], initImage: PictureReference? = nil,
    strength: Double = RunSettings.usualStrength, branches: [RunBranch] = [], prompts: [String] = [],
    negativePrompt: String = "", guidanceScale: Double? = nil, guidanceRescale: Double = 0, height: Int? = nil,
    width: Int? = nil, promptBlend: PromptBlend? = nil, classLabels: [ClassLabel] = [], invert: Bool = false,
    priorSteps: Int? = nil, superResSteps: Int? = nil, priorGuidanceScale: Double? = nil,
    sizes: SizeConditioning = SizeConditioning(), refiner: ModelReference? = nil, denoisingEnd: Double? = nil
  ) {
    self.seeds = seeds
    self.batchSize = batchSize
    self.steps = steps
    self.eta = eta
    self.device = device
    self.generatorDevice = generatorDevice
    self.multiprocessors = gpuModel?.multiprocessors ?? multiprocessors
    self.threadsPerMultiprocessor = gpuModel?.threadsPerMultiprocessor ?? threadsPerMultiprocessor
    self.gpuModel = gpuModel
    self.threads = threads
    self.useClippedModelOutput = useClippedModelOutput
    self.variation = variation
    self.weights = weights
    self.selection = selection
    self.scheduler = scheduler
    self.schedulerOptions = schedulerOptions
    self.initImage = initImage
    (self.strength, self.invert) = (strength, invert)
    self.branches = branches
    (self.prompts, self.negativePrompt) = (prompts, negativePrompt)
    (self.guidanceScale, self.guidanceRescale) = (guidanceScale, guidanceRescale)
    (self.height, self.width, self.promptBlend) = (height, width, promptBlend)
    self.classLabels = classLabels
    (self.priorSteps, self.superResSteps, self.priorGuidanceScale) = (priorSteps, superResSteps, priorGuidanceScale)
    (self.sizes, self.refiner, self.denoisingEnd) = (sizes, refiner, denoisingEnd)
  }

  /// The settings with the batch size that follows from the seeds, the prompts and the classes.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the setting, its value and the values allowed.
  public func resolved() throws -> RunSettings {
    var request = RunRequest(settings: self)
    // The default batch of 1 grows with the list; any other number has to agree with it.
    if batchSize == 1 { request.settings.batchSize = max(1, seeds.count, prompts.count, classLabels.count) }
    for setting in Setting.all { try setting.validate(request, limits: .unlimited) }
    request.settings.scheduler = scheduler.flatMap { SchedulerClass.find($0)?.shortName }
    return request.settings
  }

  /// Refuses a list of generators whose length is not the batch size, with Diffusers' message.
  public static func requireGenerators(_ count: Int, forBatch batchSize: Int) throws {
    guard count == batchSize else {
      throw DiffusionError(
        .usage,
        "You have passed a list of generators of length \(count), but requested an effective batch size of "
          + "\(batchSize). Make sure the batch size matches the length of the generators.")
    }
  }
}
