import DiffusionCore
import TestSupport
import Testing

/// The numbers that Diffusers publishes in `tests/schedulers/test_scheduler_ddim.py`, and their scenario.
@Suite("DDIMScheduler gives Diffusers' published numbers")
struct DDIMSchedulerPublishedNumbersTests {
  /// A scenario of the file: changed options, and the sum and mean of absolute values after 10 steps.
  struct Loop: Sendable, CustomTestStringConvertible {
    let name: String
    var predictionType = PredictionType.epsilon
    var betaStart = 0.0001
    var setAlphaToOne = true
    let sum: Double
    let mean: Double
    var testDescription: String { name }
  }

  static let loops = [
    Loop(name: "test_full_loop_no_noise", sum: 172.0067, mean: 0.223967),
    Loop(name: "test_full_loop_with_v_prediction", predictionType: .vPrediction, sum: 52.5302, mean: 0.0684),
    Loop(name: "test_full_loop_with_set_alpha_to_one", betaStart: 0.01, sum: 149.8295, mean: 0.1951),
    Loop(
      name: "test_full_loop_with_no_set_alpha_to_one", betaStart: 0.01, setAlphaToOne: false, sum: 149.0784,
      mean: 0.1941),
  ]

  private func loop(_ scheduler: DDIMScheduler, _ start: Tensor<Float>, from first: Int = 0) throws -> Tensor<Float> {
    try scheduler.timesteps.dropFirst(first).reduce(start) { sample, timestep in
      let residual = try AnalyticModel()(sample, timestep: timestep)
      return try scheduler.step(residual, timestep: timestep, sample: sample).prevSample
    }
  }

  @Test("test_full_loop_*", arguments: loops)
  func fullLoop(_ expected: Loop) throws {
    var config = DDIMSchedulerConfig()
    config.predictionType = expected.predictionType
    config.betaStart = expected.betaStart
    config.setAlphaToOne = expected.setAlphaToOne
    var scheduler = try DDIMScheduler(config: config)
    try scheduler.setTimesteps(10)
    let sum = try loop(scheduler, DummySample.tensor()).absoluteSum()
    #expect((sum - expected.sum).magnitude < 1e-2)
    #expect((sum / 768 - expected.mean).magnitude < 1e-3)
  }

  @Test("test_full_loop_with_noise")
  func fullLoopWithNoise() throws {
    var scheduler = try DDIMScheduler()
    try scheduler.setTimesteps(10)
    let noisy = try scheduler.addNoise(
      DummySample.tensor(), noise: DummySample.tensor(flipped: true), timesteps: [scheduler.timesteps[8]])
    let sum = try loop(scheduler, noisy, from: 8).absoluteSum()
    #expect((sum - 354.5418).magnitude < 1e-2)
    #expect((sum / 768 - 0.4616).magnitude < 1e-3)
  }

  @Test(
    "test_variance",
    arguments: [(0, 0, 0), (420, 400, 0.14771), (980, 960, 0.32460), (487, 486, 0.00979), (999, 998, 0.02)]
      as [(Float, Float, Float)])
  func variance(timestep: Float, prevTimestep: Float, expected: Float) throws {
    #expect((try DDIMScheduler().getVariance(timestep, prevTimestep) - expected).magnitude < 1e-5)
  }

  @Test("test_steps_offset")
  func stepsOffset() throws {
    var config = DDIMSchedulerConfig()
    config.stepsOffset = 1
    var scheduler = try DDIMScheduler(config: config)
    try scheduler.setTimesteps(5)
    #expect(scheduler.timesteps == [801, 601, 401, 201, 1])
  }

  @Test("test_num_inference_steps_zero_raises")
  func zeroSteps() throws {
    var scheduler = try DDIMScheduler()
    #expect(throws: DiffusionError.self) { try scheduler.setTimesteps(0) }
  }
}
