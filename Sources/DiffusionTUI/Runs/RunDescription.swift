import DiffusionCore

/// What the explorer knows about a run before its first step.
public struct RunDescription: Sendable, Equatable {
  /// The model.
  public let model: ModelReference
  /// The settings.
  public let settings: RunSettings
  /// The position of every step on the schedule.
  public let schedule: [UpdateTerms]
  /// The noise it starts from, `[batch, channels, height, width]`.
  public let initialNoise: Tensor<Float>
  /// What the first step starts from: x_T, the noise scaled as the scheduler requires, or a picture with noise added.
  public let initialSample: Tensor<Float>
  /// The picture that it starts from; nil for noise alone.
  public let picture: PictureRecord?
  /// The scheduler, as a receipt names it.
  public let scheduler: ReceiptScheduler
  /// The short name of the model's own scheduler, if another one was substituted without being asked for.
  public let exchangedScheduler: String?
  /// A line for each doubtful place in the model's files.
  package private(set) var warnings: [String] = []
  /// A line for each setting that changes nothing in it.
  package private(set) var idleSettings: [String] = []
  /// Why schedulers are not made for its model, by their short names.
  package private(set) var unsuitedSchedulers: [String: String] = [:]
  /// What its samples are if they are latents; nil if they are images.
  package let latents: LatentFormat?
  /// Its prompts as the tokenizer cut them; empty for a model that takes none.
  package let prompts: [TokenizedPrompt]
  /// The class of each image; empty for a model without classes.
  package let classes: [ImageClass]
  /// The stages that its steps belong to, in their order; empty for a run of one stage.
  package let stages: [StageSteps]
  /// alpha-bar of every training timestep, 0 to 1; empty if unknown.
  public let alphasCumprod: [Float]
  /// The statistics of ``initialSample``.
  package let noiseStatistics: TensorStatistics

  /// Creates a description and measures the noise, which takes a while: do not call it on the terminal's thread.
  public init(
    model: ModelReference = .demo, settings: RunSettings, scheduler: ReceiptScheduler, schedule: [UpdateTerms],
    initialNoise: Tensor<Float>, initialSample: Tensor<Float>? = nil, alphasCumprod: [Float] = [],
    exchangedScheduler: String? = nil, picture: PictureRecord? = nil, latents: LatentFormat? = nil,
    prompts: [TokenizedPrompt] = [], classes: [ImageClass] = [], stages: [StageSteps] = []
  ) {
    self.model = model
    self.settings = settings
    self.schedule = schedule
    self.scheduler = scheduler
    self.exchangedScheduler = exchangedScheduler
    self.initialNoise = initialNoise
    self.initialSample = initialSample ?? initialNoise
    self.alphasCumprod = alphasCumprod
    self.picture = picture
    (self.latents, self.prompts, self.classes) = (latents, prompts, classes)
    self.stages = stages
    noiseStatistics = TensorStatistics(of: self.initialSample)
  }

  /// Describes a run of a model before its first step.
  init(of run: any SteppableRun, model: ModelReference) {
    self.init(
      model: model, settings: run.settings, scheduler: run.schedulerRecord, schedule: run.schedule,
      initialNoise: run.initialNoise, initialSample: run.initialSample, alphasCumprod: run.alphasCumprod,
      exchangedScheduler: run.exchangedScheduler, picture: run.picture, latents: run.latents,
      prompts: run.tokenizedPrompts, classes: run.imageClasses, stages: run.stages)
    (warnings, unsuitedSchedulers) = (run.warnings, run.unsuitedSchedulers)
    idleSettings = run.idleSettings
  }

  /// The model and the settings, as a request.
  package var request: RunRequest { RunRequest(model: model, settings: settings) }

  /// What it starts from, in words: position 0.
  package var startName: String { picture == nil ? "noise" : schedule.rise > 0 ? "picture" : "noised picture" }

  /// The stage that made what is shown at a position; nil for a run of one stage.
  package func stage(at position: Int) -> StageSteps? {
    stages.last { $0.steps.lowerBound < position } ?? stages.first
  }

  /// The steps of ``schedule`` that the stage at a position takes: all of them in a run of one stage.
  package func steps(at position: Int) -> Range<Int> { stage(at: position)?.steps ?? schedule.indices }

  /// alpha-bar of every training timestep of the stage at a position, 0 to 1; empty if unknown.
  package func alphasCumprod(at position: Int) -> [Float] { stage(at: position)?.alphasCumprod ?? alphasCumprod }

  /// The stage that made what is shown at a position, with the number of its steps taken there and in all; nil for a
  /// run of one stage.
  package func stageTitle(at position: Int) -> String? {
    guard let stage = stage(at: position) else { return nil }
    return "\(stage.name) \(max(0, position - stage.steps.lowerBound))/\(stage.steps.count)"
  }

  /// Whether its model takes a prompt.
  package var takesPrompt: Bool { !prompts.isEmpty }

  /// Whether its model has classes.
  package var takesClass: Bool { !classes.isEmpty }

  /// Whether its predictions are guided by a prompt or a class, or can be.
  package var takesGuidance: Bool { takesPrompt || settings.guidanceScale != nil }

  /// The classes of its images, in at most some columns: `207 golden retriever`, `0 (default)`, `1,2,3`; nil for a
  /// model without classes.
  package func classTitle(columns: Int) -> String? {
    guard let first = classes.first else { return nil }
    if first.isDefault {
      let title = "\(first.number) (default)"
      return title.columns <= columns ? title : "\(first.number)"
    }
    guard classes.allSatisfy({ $0 == first }) else {
      return classes.map { "\($0.number)" }.joined(separator: ",").shortened(columns: columns)
    }
    return first.description.shortened(columns: columns)
  }

  /// What fell off the end of its prompts, in one line; nil if nothing did.
  package var truncation: String? {
    guard let prompt = prompts.first(where: { !$0.dropped.isEmpty }) else { return nil }
    let text = prompt.droppedText.shortened(columns: 40)
    return "the prompt is longer than the \(prompt.tokens.count) tokens that the model reads: \"\(text)\" fell off"
  }

  /// The scheduler's `num_train_timesteps`; nil if unknown.
  var numTrainTimesteps: Int? { alphasCumprod.isEmpty ? nil : alphasCumprod.count }
}

extension [UpdateTerms] {
  /// The number of steps from a picture to its noise, before those that lead back.
  var rise: Int { prefix { $0.alphaCumprodPrev < $0.alphaCumprod }.count }
}
