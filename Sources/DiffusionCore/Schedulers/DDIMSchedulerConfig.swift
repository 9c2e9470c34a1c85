/// The configuration of a ``DDIMScheduler``, in Diffusers' names (`DDIMScheduler.__init__` of diffusers 0.42.1).
public struct DDIMSchedulerConfig: Sendable, Equatable {
  /// Timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// The first beta of the linear schedules.
  public var betaStart = 0.0001
  /// The last beta of the linear schedules.
  public var betaEnd = 0.02
  /// How betas grow.
  public var betaSchedule = BetaSchedule.linear
  /// Betas that stand in for a schedule, one per training timestep.
  public var trainedBetas: [Double]?
  /// Whether the predicted original sample is clipped to `clipSampleRange`; thresholding takes precedence.
  public var clipSample = true
  /// Whether the product of alphas before the first timestep is 1, or that of the first timestep.
  public var setAlphaToOne = true
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0
  /// What the model's output means.
  public var predictionType = PredictionType.epsilon
  /// Whether the predicted original sample is thresholded dynamically (Imagen, Saharia et al. 2022, arXiv 2205.11487).
  public var thresholding = false
  /// The quantile of absolute values that the threshold is, 0 to 1.
  public var dynamicThresholdingRatio = 0.995
  /// The largest magnitude that clipping leaves.
  public var clipSampleRange = 1.0
  /// The largest threshold.
  public var sampleMaxValue = 1.0
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.leading
  /// Whether betas are rescaled so that the last product of alphas is 0.
  public var rescaleBetasZeroSnr = false

  /// Diffusers' defaults.
  public init() {}
}
