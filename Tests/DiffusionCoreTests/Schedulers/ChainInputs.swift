import DiffusionCore

/// The inputs of a chain's steps.
struct ChainInputs {
  let arrays: SchedulerArrays
  let scheduler: DDIMScheduler
  private let chain: SchedulerFixtures.Chain
  private let shape: [Int]
  private let modelOutputs: [Tensor<Float>]
  private let noises: [Tensor<Float>]
  private let samples: [Float]

  init(fixtures: SchedulerFixtures, chain: SchedulerFixtures.Chain) throws {
    let arrays = try SchedulerFixtures.arrays()
    var scheduler = try DDIMScheduler(config: chain.config)
    try scheduler.setTimesteps(chain.steps)
    modelOutputs = try fixtures.modelOutput.map { try arrays.tensor($0, shape: fixtures.shape) }
    noises = try fixtures.noise.map { try arrays.tensor($0, shape: fixtures.shape) }
    samples = arrays.floats(chain.sample)
    (self.arrays, self.scheduler, self.chain, shape) = (arrays, scheduler, chain, fixtures.shape)
  }

  /// The sample before a recorded step in Diffusers.
  func recordedSample(_ slot: Int) throws -> Tensor<Float> {
    let count = shape.reduce(1, *)
    return try Tensor(shape: shape, scalars: Array(samples[slot * count..<(slot + 1) * count]))
  }

  /// Takes a step of the chain.
  func step(_ index: Int, from sample: Tensor<Float>) throws -> SchedulerOutput {
    try scheduler.step(
      modelOutputs[index % modelOutputs.count], timestep: scheduler.timesteps[index], sample: sample, eta: chain.eta,
      useClippedModelOutput: chain.useClippedModelOutput,
      varianceNoise: chain.eta > 0 ? noises[index % noises.count] : nil)
  }

  /// The effect of one unit in the last place of PyTorch's square roots, which are not always correctly rounded.
  ///
  /// x_0 is a difference, divided by sqrt(alpha-bar) if the model predicts noise: near the noise that is a division by
  /// 0.006. Rescaled betas come from square roots, so alpha-bar itself is off by a unit, and with it sqrt(1 -
  /// alpha-bar) by half of that unit divided by the root: near the image that is a division by 0.01.
  func absoluteTolerance(_ index: Int, _ sample: Tensor<Float>) throws -> Double {
    let operands = sample.scalars + modelOutputs[index % modelOutputs.count].scalars
    let unit = 0x1p-23 * Double(operands.lazy.map(\.magnitude).filter(\.isFinite).max() ?? 1)
    let step = try scheduler.coefficients(timestep: scheduler.timesteps[index], eta: chain.eta)
    var absolute = 1e-6
    if chain.config.predictionType == .epsilon, step.sqrtAlphaProdT > 0 {
      absolute += unit / Double(step.sqrtAlphaProdT)
    }
    if chain.config.rescaleBetasZeroSnr { absolute += unit / (2 * Double(step.sqrtBetaProdT)) }
    return absolute
  }
}
