import DiffusionCore

/// What the explorer knows of a run before its first step.
public struct RunDescription: Sendable, Equatable {
  /// What it runs with.
  public let settings: RunSettings
  /// Every step's place on the schedule.
  public let schedule: [SchedulePoint]
  /// The noise it starts from, `[batch, channels, height, width]`.
  public let initialNoise: Tensor<Float>
  /// alpha-bar of every training timestep, 0 to 1; empty where it is not known.
  public let alphasCumprod: [Float]
  /// What was measured of the noise.
  package let noiseStatistics: TensorStatistics

  /// Describes a run and measures its noise, which takes a while: not for the terminal's thread.
  public init(
    settings: RunSettings, schedule: [SchedulePoint], initialNoise: Tensor<Float>, alphasCumprod: [Float] = []
  ) {
    self.settings = settings
    self.schedule = schedule
    self.initialNoise = initialNoise
    self.alphasCumprod = alphasCumprod
    noiseStatistics = TensorStatistics(of: initialNoise)
  }

  /// Describes a run at its noise.
  init(of run: any SteppableRun) {
    self.init(
      settings: run.settings, schedule: run.schedule, initialNoise: run.initialNoise, alphasCumprod: run.alphasCumprod)
  }
}
