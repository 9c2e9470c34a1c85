import DiffusionCore
import TestSupport
import Testing

@Suite("A run that is advanced one step at a time")
struct DenoisingRunTests {
  private let shape = [3, 4, 4]

  private func run(
    steps: Int = 5, eta: Float = 0, batch: Int = 2, config: DDIMSchedulerConfig = DDIMSchedulerConfig(),
    noise: CountingNoise = CountingNoise()
  ) throws -> DenoisingRun {
    let settings = RunSettings(seeds: [7], batchSize: batch, steps: steps, eta: eta, threads: 1)
    return try DenoisingRun(
      model: AnalyticModel(), scheduler: try DDIMScheduler(config: config), sampleShape: shape, settings: settings,
      noise: noise.source, clock: TickingClock())
  }

  @Test("each step carries its tensors, and the next starts where it ended", arguments: [0, 0.5] as [Float])
  func steps(eta: Float) throws {
    let (noise, reference) = (CountingNoise(), CountingNoise())
    var run = try run(eta: eta, noise: noise)
    var sample = reference.draw([2] + shape)
    var scheduler = try DDIMScheduler()
    try scheduler.setTimesteps(5)
    #expect(run.initialNoise == sample)
    #expect(run.schedule.map(\.timestep) == [800, 600, 400, 200, 0])
    for (index, timestep) in scheduler.timesteps.enumerated() {
      #expect(run.completedSteps == index)
      let step = try run.step()
      let modelOutput = try AnalyticModel()(sample, timestep: timestep)
      // The last step also draws, although its sigma is 0.
      let expected = try scheduler.step(
        modelOutput, timestep: timestep, sample: sample, eta: eta,
        varianceNoise: eta > 0 ? reference.draw([2] + shape) : nil)
      #expect(step.index == index)
      #expect(step.timestep == timestep)
      #expect(step.sample == sample)
      #expect(step.modelOutput == modelOutput)
      #expect(step.predOriginalSample == expected.predOriginalSample)
      #expect(step.prevSample == expected.prevSample)
      // The clock advances by a quarter of a second for the model, and again for the update.
      #expect(step.seconds == 0.5)
      sample = expected.prevSample
    }
    #expect(noise.draws == (eta > 0 ? 6 : 1))
    #expect(run.isFinished)
    #expect(run.sample == sample)
    #expect(throws: DiffusionError.self) { try run.step() }
    #expect(run.sample == sample)
  }

  @Test("a step that is cancelled leaves the run and its generator unchanged")
  func cancellation() throws {
    struct Stop: Error {}
    let noise = CountingNoise()
    var cancelled = try run(eta: 1, noise: noise)
    var whole = try run(eta: 1)
    for index in 0..<5 {
      let before = cancelled.sample
      #expect(throws: Stop.self) {
        try cancelled.step { if $0.completed == 2 { throw Stop() } }
      }
      #expect(cancelled.completedSteps == index)
      #expect(noise.draws == index + 1)
      #expect(cancelled.sample == before)
      let (resumed, expected) = (try cancelled.step(), try whole.step())
      #expect(resumed == expected)
    }
    #expect(cancelled.isFinished)
  }

  @Test("progress is reported for every block")
  func progress() throws {
    var run = try run()
    var blocks: [String] = []
    _ = try run.step { blocks.append($0.block) }
    #expect(blocks == ["block.0", "block.1", "block.2"])
  }

  @Test("the schedule has the position of each step, in the scheduler's own number of steps")
  func schedule() throws {
    var config = DDIMSchedulerConfig()
    config.timestepSpacing = .trailing
    let run = try run(steps: 61, eta: 0.5, config: config)
    var scheduler = try DDIMScheduler(config: config)
    try scheduler.setTimesteps(61)
    #expect(run.schedule.count == 62)
    #expect(run.schedule.last?.timestep == -1)
    let second = run.schedule[1]
    #expect(second.alphaCumprod == (try scheduler.alphaCumprod(at: second.timestep)))
    let variance = try scheduler.getVariance(second.timestep, second.timestep - 16)
    #expect(second.sigma == 0.5 * variance.squareRoot())
    #expect(second.sigma > 0)
    #expect(try self.run(steps: 61).schedule.allSatisfy { $0.sigma == 0 })
  }

  @Test("a number of steps whose timesteps leave the schedule fails before anything is drawn")
  func offsetTooLarge() throws {
    var config = DDIMSchedulerConfig()
    config.stepsOffset = 1
    let noise = CountingNoise()
    let error = #expect(throws: DiffusionError.self) { try run(steps: 1000, config: config, noise: noise) }
    #expect(noise.draws == 0)
    #expect(error?.message.contains("steps_offset") == true)
  }

  @Test("images are (x/2 + 0.5) clamped to [0, 1], with channels last")
  func images() throws {
    let sample = Tensor<Float>(unchecked: [1, 2, 1, 3], [-3, -1, 0, 0.5, 1, 7])
    let images = sample.imagesFromSamples()
    #expect(images.shape == [1, 1, 3, 2])
    #expect(images.scalars == [0, 0.75, 0, 1, 0.5, 1])
    let run = try run()
    #expect(try run.output().images == run.initialNoise.imagesFromSamples())
    #expect(try run.output().images.shape == [2, 4, 4, 3])
    #expect(try run.output().seed == 7)
  }

  @Test("useClippedModelOutput reaches the scheduler")
  func clippedModelOutput() throws {
    func last(_ clipped: Bool) throws -> Tensor<Float> {
      let settings = RunSettings(steps: 3, threads: 1, useClippedModelOutput: clipped)
      let noise = Tensor<Float>(unchecked: [1, 1, 1, 2], [200, -3])
      var scheduler = try DDIMScheduler()
      try scheduler.setTimesteps(3)
      let expected = try scheduler.step(
        try AnalyticModel()(noise, timestep: 666), timestep: 666, sample: noise, useClippedModelOutput: clipped)
      var run = try DenoisingRun(
        model: AnalyticModel(), scheduler: scheduler, sampleShape: [1, 1, 2], settings: settings,
        noise: NoiseSource { _ in noise })
      let step = try run.step()
      #expect(step.prevSample == expected.prevSample)
      return step.prevSample
    }
    #expect(try last(true) != last(false))
  }
}
