import DiffusionCore

/// What the explorer knows of a run before its first step.
public struct RunDescription: Sendable, Equatable {
  /// The model that it is of.
  public let model: ModelReference
  /// What it runs with.
  public let settings: RunSettings
  /// Every step's place on the schedule.
  public let schedule: [UpdateTerms]
  /// The noise it starts from, `[batch, channels, height, width]`.
  public let initialNoise: Tensor<Float>
  /// x_T, which the first step starts from: the noise, scaled as the scheduler asks for.
  public let initialSample: Tensor<Float>
  /// The scheduler, as a receipt names it.
  public let scheduler: ReceiptScheduler
  /// The short name of the model's own scheduler, where another one opened in its place though nobody asked for it.
  public let exchangedScheduler: String?
  /// alpha-bar of every training timestep, 0 to 1; empty where it is not known.
  public let alphasCumprod: [Float]
  /// What was measured of x_T.
  package let noiseStatistics: TensorStatistics

  /// Describes a run and measures its noise, which takes a while: not for the terminal's thread.
  public init(
    model: ModelReference = .demo, settings: RunSettings, scheduler: ReceiptScheduler, schedule: [UpdateTerms],
    initialNoise: Tensor<Float>, initialSample: Tensor<Float>? = nil, alphasCumprod: [Float] = [],
    exchangedScheduler: String? = nil
  ) {
    self.model = model
    self.settings = settings
    self.schedule = schedule
    self.scheduler = scheduler
    self.exchangedScheduler = exchangedScheduler
    self.initialNoise = initialNoise
    self.initialSample = initialSample ?? initialNoise
    self.alphasCumprod = alphasCumprod
    noiseStatistics = TensorStatistics(of: self.initialSample)
  }

  /// Describes a run of a model at its noise.
  init(of run: any SteppableRun, model: ModelReference) {
    self.init(
      model: model, settings: run.settings, scheduler: run.schedulerRecord, schedule: run.schedule,
      initialNoise: run.initialNoise, initialSample: run.initialSample, alphasCumprod: run.alphasCumprod,
      exchangedScheduler: run.exchangedScheduler)
  }

  /// The model and the settings.
  package var request: RunRequest { RunRequest(model: model, settings: settings) }

  /// The scheduler's `num_train_timesteps`; nil where it is not known.
  var numTrainTimesteps: Int? { alphasCumprod.isEmpty ? nil : alphasCumprod.count }
}
