/// Everything that decides a run's result, and the device and the threads that compute it.
///
/// ``Setting/all`` has a row for each: its name in files, what it may be and what it is where nothing is said.
public struct RunSettings: Sendable, Equatable {
  /// The seed of the one generator, or one seed for each image of a list of generators.
  public var seeds: [Seed]
  /// Images in the batch. With one seed, one generator draws for all; with several, there are as many images as seeds.
  public var batchSize: Int
  /// Inference steps to ask of the scheduler.
  public var steps: Int
  /// 0 (DDIM) to 1 (DDPM).
  public var eta: Float
  /// The device that computes.
  public var device: Device
  /// The device whose generator draws the noise.
  public var generatorDevice: GeneratorDevice
  /// Multiprocessors of the card whose CUDA noise is drawn.
  public var multiprocessors: Int
  /// Threads that compute.
  public var threads: Int
  /// Whether the noise is derived anew from the clipped x_0 in each step.
  public var useClippedModelOutput: Bool
  /// Another seed towards whose noise the run's is turned; nil for none.
  public var variation: NoiseVariation?
  /// What the model's weights are rounded to before it computes, in float32, with them.
  public var weights: WeightPrecision
  /// Which of the numbers that its generators draw it starts from.
  public var selection: NoiseSelection
  /// The scheduler by its short name, or its class in Diffusers; what the model's pipeline runs with if nil.
  public var scheduler: String?
  /// What takes the place of options of the scheduler's configuration, and of arguments of its step.
  public var schedulerOptions: [String: SettingValue]

  /// The most steps that may be asked for before the model is known, which has a limit of its own: its
  /// `num_train_timesteps`.
  public static let maximumSteps = 100_000
  /// The most threads that the engine starts.
  public static let maximumThreads = Device.maximumThreads

  /// Settings with the command line's defaults.
  public init(
    seeds: [Seed] = [0], batchSize: Int = 1, steps: Int = 50, eta: Float = 0, device: Device = .cpu,
    generatorDevice: GeneratorDevice = .cpu, multiprocessors: Int = 132, threads: Int,
    useClippedModelOutput: Bool = false, variation: NoiseVariation? = nil, weights: WeightPrecision = .float32,
    selection: NoiseSelection = NoiseSelection(), scheduler: String? = nil,
    schedulerOptions: [String: SettingValue] = [:]
  ) {
    self.seeds = seeds
    self.batchSize = batchSize
    self.steps = steps
    self.eta = eta
    self.device = device
    self.generatorDevice = generatorDevice
    self.multiprocessors = multiprocessors
    self.threads = threads
    self.useClippedModelOutput = useClippedModelOutput
    self.variation = variation
    self.weights = weights
    self.selection = selection
    self.scheduler = scheduler
    self.schedulerOptions = schedulerOptions
  }

  /// The settings with the batch that the seeds make.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the setting, what it is and what it may be.
  public func resolved() throws -> RunSettings {
    var request = RunRequest(settings: self)
    // The default batch of 1 grows with the list; any other number has to agree with it.
    if seeds.count > 1, batchSize == 1 { request.settings.batchSize = seeds.count }
    for setting in Setting.all { try setting.validate(request, limits: .unlimited) }
    request.settings.scheduler = scheduler.flatMap { SchedulerClass.find($0)?.shortName }
    return request.settings
  }

  /// Refuses a list of generators whose length is not the batch size, in Diffusers' words.
  public static func requireGenerators(_ count: Int, forBatch batchSize: Int) throws {
    guard count == batchSize else {
      throw DiffusionError(
        .usage,
        "You have passed a list of generators of length \(count), but requested an effective batch size of "
          + "\(batchSize). Make sure the batch size matches the length of the generators.")
    }
  }
}
