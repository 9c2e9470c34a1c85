/// Denoising diffusion implicit models (Song et al. 2020, arXiv 2010.02502), as `diffusers.DDIMScheduler` 0.42.1.
///
/// A step of it is a fixed sequence of binary32 operations for each element, so its bits are the same on every machine; they lie
/// within 1e-5 (relative) of Diffusers on PyTorch, whose square root is not always correctly rounded.
public struct DDIMScheduler: Scheduler {
  /// What it was made of.
  public let config: DDIMSchedulerConfig
  /// Variances of the forward process, one per training timestep.
  public let betas: [Float]
  /// Cumulative products of 1 - beta, one per training timestep.
  public let alphasCumprod: [Float]
  /// The product that stands before the first timestep.
  public let finalAlphaCumprod: Float
  /// The standard deviation of the noise a run starts from.
  public let initNoiseSigma: Float = 1
  /// The timesteps of the run, in the order they are taken. Their number can differ from what was asked for.
  public private(set) var timesteps: [Int]
  /// What ``setTimesteps(_:)`` was asked for.
  public private(set) var numInferenceSteps: Int?

  /// Makes the schedule.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the option whose value no schedule can be made of.
  public init(config: DDIMSchedulerConfig = DDIMSchedulerConfig()) throws {
    try config.validate()
    var betas =
      config.trainedBetas?.map { Float($0) }
      ?? NoiseSchedule.betas(
        config.betaSchedule, from: config.betaStart, to: config.betaEnd, count: config.numTrainTimesteps)
    if config.rescaleBetasZeroSnr { betas = NoiseSchedule.rescaledToZeroTerminalSNR(betas) }
    self.config = config
    self.betas = betas
    alphasCumprod = NoiseSchedule.alphasCumprod(betas)
    finalAlphaCumprod = config.setAlphaToOne ? 1 : alphasCumprod[0]
    timesteps = (0..<config.numTrainTimesteps).reversed()
  }

  /// Chooses the timesteps of a run.
  ///
  /// - Parameter numInferenceSteps: Steps to ask for, 1 to `numTrainTimesteps`.
  /// - Throws: ``DiffusionError`` (`usage`) if it is outside of that.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    guard numInferenceSteps <= config.numTrainTimesteps else {
      throw DiffusionError(
        .usage,
        "`num_inference_steps`: \(numInferenceSteps) steps are more than the \(config.numTrainTimesteps) timesteps that the "
          + "model was trained on (num_train_timesteps): ask for 1 to \(config.numTrainTimesteps) steps")
    }
    guard numInferenceSteps > 0 else {
      throw DiffusionError(
        .usage, "`num_inference_steps`: \(numInferenceSteps) is too small: expected 1 to \(config.numTrainTimesteps)")
    }
    self.numInferenceSteps = numInferenceSteps
    timesteps = config.timestepSpacing.timesteps(
      numInferenceSteps, of: config.numTrainTimesteps, stepsOffset: config.stepsOffset)
  }

  /// The timestep that a step from `timestep` leads to; below 0 after the last one. It is `numTrainTimesteps / steps` (rounded
  /// down) lower, as in Diffusers, and so not always the next of ``timesteps``.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``.
  public func previousTimestep(_ timestep: Int) throws -> Int {
    guard let numInferenceSteps else {
      throw DiffusionError(
        .usage,
        "Number of inference steps is 'None', you need to run 'set_timesteps' after creating the scheduler")
    }
    return timestep - config.numTrainTimesteps / numInferenceSteps
  }

  /// The variance of the noise that a step with eta = 1 adds (`_get_variance`; formula 16 of the paper, squared).
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a timestep outside the schedule.
  public func getVariance(_ timestep: Int, _ prevTimestep: Int) throws -> Float {
    let alphaProdT = try alphaCumprod(at: timestep)
    let alphaProdTPrev = try prevTimestep >= 0 ? alphaCumprod(at: prevTimestep) : finalAlphaCumprod
    let betaProdT = 1 - alphaProdT
    let betaProdTPrev = 1 - alphaProdTPrev
    return (betaProdTPrev / betaProdT) * (1 - alphaProdT / alphaProdTPrev)
  }

  /// Looks a timestep up. A negative one counts from the end, as an index does in Python: `trailing` spacing can end with -1.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a timestep outside the schedule.
  package func alphaCumprod(at timestep: Int) throws -> Float {
    let count = alphasCumprod.count
    guard (-count..<count).contains(timestep) else {
      throw DiffusionError(
        .usage,
        "timestep \(timestep) is outside the schedule: expected 0 to \(count - 1); ask for fewer steps or lower steps_offset "
          + "(\(config.stepsOffset))")
    }
    return alphasCumprod[timestep < 0 ? timestep + count : timestep]
  }
}
