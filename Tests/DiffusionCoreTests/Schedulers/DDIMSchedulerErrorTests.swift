import DiffusionCore
import Testing

@Suite("DDIMScheduler refuses what Diffusers refuses")
struct DDIMSchedulerErrorTests {
  private let sample = Tensor<Float>(unchecked: [1, 1, 2, 2], [1, -1, 0.5, 0])

  private func scheduler(steps: Int? = 4) throws -> DDIMScheduler {
    var scheduler = try DDIMScheduler()
    if let steps { try scheduler.setTimesteps(steps) }
    return scheduler
  }

  private func message(_ body: () throws -> Void) -> String {
    #expect(throws: DiffusionError.self, performing: body)?.message ?? ""
  }

  @Test("a step before setTimesteps")
  func beforeSetTimesteps() throws {
    let scheduler = try scheduler(steps: nil)
    #expect(scheduler.numInferenceSteps == nil)
    #expect(scheduler.timesteps == (0..<1000).reversed().map(Float.init))
    #expect(
      message { _ = try scheduler.step(sample, timestep: 3, sample: sample) }
        == "Number of inference steps is 'None', you need to run 'set_timesteps' after creating the scheduler")
  }

  @Test("more steps than the model was trained on, none, or fewer", arguments: [1001, 0, -1])
  func stepCount(steps: Int) throws {
    var scheduler = try scheduler()
    let before = scheduler.timesteps
    let said = message { try scheduler.setTimesteps(steps) }
    #expect(said.hasPrefix("`num_inference_steps`: \(steps) "))
    #expect(scheduler.timesteps == before)
  }

  @Test(
    "a timestep outside the schedule, also because of steps_offset", arguments: [1000, -1001] as [Float])
  func timestep(timestep: Float) throws {
    let scheduler = try scheduler()
    #expect(
      message { _ = try scheduler.step(sample, timestep: timestep, sample: sample) }.contains(
        "timestep \(timestep.wholeText)"))
  }

  @Test("both a generator and noise, or neither, if eta adds noise; eta 0 needs none")
  func noise() throws {
    let scheduler = try scheduler()
    let both = message {
      _ = try scheduler.step(
        sample, timestep: 3, sample: sample, eta: 0.5, generator: Generator(), varianceNoise: sample)
    }
    #expect(both.hasPrefix("Cannot pass both generator and variance_noise."))
    #expect(message { _ = try scheduler.step(sample, timestep: 3, sample: sample, eta: 0.5) }.contains("eta 0.5"))
    let output = try scheduler.step(sample, timestep: 3, sample: sample, generator: Generator(), varianceNoise: sample)
    #expect(output.prevSample.shape == sample.shape)
  }

  @Test("different shapes")
  func shapes() throws {
    let scheduler = try scheduler()
    let other = Tensor<Float>(unchecked: [1, 1, 4, 1], [1, 2, 3, 4])
    #expect(message { _ = try scheduler.step(other, timestep: 3, sample: sample) }.contains("[1, 1, 4, 1]"))
    #expect(
      message { _ = try scheduler.step(sample, timestep: 3, sample: sample, eta: 1, varianceNoise: other) }
        .contains("[1, 1, 4, 1]"))
    #expect(message { _ = try scheduler.addNoise(sample, noise: other, timesteps: [1]) }.contains("[1, 1, 4, 1]"))
    #expect(message { _ = try scheduler.addNoise(sample, noise: sample, timesteps: [1, 2]) }.contains("2 timesteps"))
  }

  @Test("NaN stays NaN through clipping and thresholding, and stays in its image", arguments: [false, true])
  func notANumber(thresholding: Bool) throws {
    var config = DDIMSchedulerConfig()
    config.thresholding = thresholding
    var scheduler = try DDIMScheduler(config: config)
    try scheduler.setTimesteps(4)
    let batch = Tensor<Float>(unchecked: [2, 1, 1, 2], [.nan, 0.5, 1, 2])
    let original = try scheduler.step(batch, timestep: 500, sample: batch).predOriginalSample.scalars
    #expect(original[0].isNaN)
    #expect(original[1].isNaN == thresholding)
    #expect(original[2].isFinite && original[3].isFinite)
  }

  /// Rounding makes 1 - a_prev - sigma^2 negative there for some numbers of steps, where the exact value is 0.
  @Test("eta 1 from a signal-to-noise ratio of 0 has finite factors, with any number of steps")
  func zeroTerminalSNR() throws {
    var config = DDIMSchedulerConfig()
    (config.betaStart, config.betaEnd, config.betaSchedule) = (0.00085, 0.012, .scaledLinear)
    (config.timestepSpacing, config.rescaleBetasZeroSnr) = (.trailing, true)
    var scheduler = try DDIMScheduler(config: config), mended = 0
    for steps in 1...100 {
      try scheduler.setTimesteps(steps)
      for timestep in scheduler.timesteps {
        let factors = try scheduler.coefficients(timestep: timestep, eta: 1)
        #expect(factors.sigma.isFinite && factors.directionScale.isFinite, "\(steps) steps, \(timestep)")
        let before = try scheduler.previousTimestep(timestep)
        let alpha = before >= 0 ? scheduler.alphasCumprod[Int(before)] : scheduler.finalAlphaCumprod
        if 1 - alpha - factors.sigma * factors.sigma < 0 { mended += 1 }
      }
    }
    #expect(mended > 0)
    // Beyond eta 1 there is no such step, as in Diffusers.
    #expect(DDIMScheduler.Coefficients(alphaProdT: 0, alphaProdTPrev: 0.5, eta: 2, sigma: 1).directionScale.isNaN)
  }
}
