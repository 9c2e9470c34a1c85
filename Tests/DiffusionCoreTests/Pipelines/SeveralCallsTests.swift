import DemoModel
import DiffusionCore
import TestSupport
import Testing

/// Steps of ScoreSdeVe and KarrasVe: a predictor and its correctors.
@Suite("Steps of several model calls")
struct SeveralCallsTests {
  private struct Stop: Error {}

  /// A model that counts its calls, and keeps what it was told.
  private final class CountingModel: DenoisingModel, @unchecked Sendable {
    var told: [Float] = []

    func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
      told.append(input.timestep)
      return try AnalyticModel()(input, progress: progress)
    }
  }

  private func settings(
    _ scheduler: String, steps: Int = 4, seeds: [Seed] = [3], _ options: [String: SettingValue] = [:]
  ) -> RunSettings {
    RunSettings(
      seeds: seeds, batchSize: seeds.count, steps: steps, threads: 1, scheduler: scheduler,
      schedulerOptions: BranchScene.options(scheduler).merging(options) { $1 })
  }

  private func pipeline(_ device: Device = .cpu, threads: Int = 1) throws -> DiffusionPipeline {
    try .fromPretrained("\(Fixtures.folder)/unet/two-levels", device: device, threads: threads)
  }

  private static let mixed: [(String, [String: SettingValue])] = [
    ("score-sde-ve", [:]), ("score-sde-ve", ["correct_steps": .integer(3)]), ("karras-ve", [:]), ("ddim", [:]),
    ("score-sde-ve", ["correct_steps": .integer(0)]),
  ]

  private func runs() throws -> [DenoisingRun] {
    let pipeline = try pipeline()
    return try Self.mixed.enumerated().map { index, item in
      try pipeline.run(settings(item.0, seeds: [Seed(index), 7], item.1))
    }
  }

  @Test("together give the same bits as alone, and share the passes at one noise level")
  func together() throws {
    var together = try runs(), alone = try runs()
    #expect(DenoisingRun.sharedPasses(of: together) == [[0, 1, 4], [2], [3]])
    while !together[0].isFinished {
      for (index, step) in try DenoisingRun.step(&together).enumerated() {
        let (found, expected) = (try step.get(), try alone[index].step())
        #expect(found.output == expected.output)
      }
    }
    #expect(together.allSatisfy { $0.isFinished })
  }

  @Test("call the model as often as Diffusers' pipelines, and tell it noise levels")
  func calls() throws {
    func told(_ settings: RunSettings) throws -> [Float] {
      let model = CountingModel(),
        scheduler = try SchedulerClass(named: settings.scheduler ?? "").scheduler(
          from: ConfigurationReader(file: "test", values: [:]), options: settings.schedulerOptions)
      var run = try DenoisingRun(
        model: model, scheduler: scheduler, sampleShape: [1, 2, 2], settings: settings, noise: NoiseSource(settings))
      while !run.isFinished { _ = try run.step() }
      return model.told
    }
    let corrected = try told(settings("score-sde-ve", ["correct_steps": .integer(2)]))
    #expect(corrected.count == 12 && corrected[0] == corrected[2] && corrected[2] > corrected[3])
    #expect(try told(settings("score-sde-ve", ["correct_steps": .integer(0)])).count == 4)
    let halves = try told(settings("karras-ve", ["s_churn": .integer(0)]))
    #expect(halves.count == 7 && halves[0] == 50 && halves[1] == halves[2])
  }

  @Test("that are cancelled in any of them leave runs and generators as they were")
  func cancellation() throws {
    var cancelled = try runs(), whole = try runs(), blocks = 0
    let expected = try DenoisingRun.step(&whole) { _ in blocks += 1 }.map { try $0.get() }
    // Asking which runs share a pass draws nothing either.
    _ = DenoisingRun.sharedPasses(of: cancelled)
    for stop in stride(from: 0, to: blocks, by: 5) {
      var told = 0
      #expect(throws: Stop.self) {
        try DenoisingRun.step(&cancelled) { _ in
          if told == stop { throw Stop() }
          told += 1
        }
      }
      #expect(cancelled.allSatisfy { $0.completedSteps == 0 && $0.sample == $0.initialSample })
    }
    let resumed = try DenoisingRun.step(&cancelled).map { try $0.get() }
    for (found, step) in zip(resumed, expected) { #expect(found.output == step.output) }
  }

  @Test("give the same bits on every device and number of threads", arguments: ["score-sde-ve", "karras-ve"])
  func bits(scheduler: String) throws {
    func last(_ device: Device, _ threads: Int) throws -> Tensor<Float> {
      var settings = settings(scheduler, seeds: [3, 4])
      (settings.device, settings.threads) = (device, threads)
      var run = try pipeline(device, threads: threads).run(settings)
      while !run.isFinished { _ = try run.step() }
      return run.sample
    }
    let expected = try last(.cpu, 1)
    #expect(try last(.cpu, 3).isBitEqual(to: expected))
    for device in Device.available { #expect(try last(device, 2).isBitEqual(to: expected), "\(device)") }
  }

  @Test("guide each of their model calls")
  func guidance() throws {
    let pipeline = try DiffusionPipeline.load(DemoModel.source(named: ModelReference.promptDemoName), threads: 1)
    var settings = settings("karras-ve", steps: 2)
    (settings.prompts, settings.guidanceScale) = (["pizza"], 3)
    var run = try pipeline.run(settings)
    let step = try run.step(), guidance = try #require(step.guidance)
    // The last call's, which x_0 is predicted from.
    #expect(step.modelOutput != guidance.conditional)
    #expect(try guidance.predOriginalSample(from: step.modelOutput) == step.predOriginalSample)
  }

  @Test("a corrector mixes the images of a batch, as in Diffusers, so that none is made alone")
  func mixing() throws {
    let pipeline = try pipeline()
    func finished(_ settings: RunSettings) throws -> Tensor<Float> {
      var run = try pipeline.run(settings)
      while !run.isFinished { _ = try run.step() }
      return run.sample
    }
    var one = settings("score-sde-ve", seeds: [1, 2])
    let first = try finished(one).images(0..<1), alone = try finished(settings("score-sde-ve", seeds: [1]))
    #expect(first != alone)
    one.selection.image = 2
    let error = try #require(throws: DiffusionError.self) { try pipeline.run(one) }
    #expect(error.kind == .usage && error.message.contains("image 2 of a batch of 2: ScoreSdeVeScheduler mixes"))
    one.schedulerOptions["correct_steps"] = .integer(0)
    var whole = one
    whole.selection.image = nil
    let second = try finished(whole).images(1..<2)
    #expect(try finished(one).isBitEqual(to: second))
  }

  @Test("KarrasVe adds no noise to a picture, and one step of it is NaN, as in Diffusers")
  func refusals() throws {
    var settings = settings("karras-ve", steps: 1)
    var run = try pipeline().run(settings)
    let step = try run.step()
    #expect(step.nonFinite != nil && run.sample.scalars.allSatisfy(\.isNaN))
    (settings.initImage, settings.steps) = (.demo, 4)
    let error = #expect(throws: DiffusionError.self) {
      try pipeline().run(settings, from: .picture(DemoModel.picture))
    }
    #expect(error?.message.contains("KarrasVeScheduler adds no noise to a picture") == true)
  }

  @Test("a run of ScoreSdeVe ends with the mean, and its pipeline's images are not rescaled")
  func mean() throws {
    let pipeline = try DiffusionPipeline.fromPretrained("\(Fixtures.folder)/pipelines/score-sde-ve", threads: 1)
    var run = try pipeline.run(RunSettings(seeds: [1], steps: 3, threads: 1))
    var last: DenoisingStep?
    while !run.isFinished { last = try run.step() }
    let step = try #require(last), score = try #require(step[.score]), start = try #require(step[.correctedSample])
    let factor = step.terms.terms[1].coefficient
    #expect(step.varianceNoise != nil && step.terms.terms[2].coefficient == 0)
    #expect(step.prevSample.scalars == zip(start.scalars, score.scalars).map { $0 + factor * $1 })
    let images = try run.output().images
    #expect(images == run.sample.imagesFromUnsignedSamples() && images != run.sample.imagesFromSamples())
    let picture = try pipeline.run(
      RunSettings(seeds: [1], steps: 3, threads: 1, initImage: .demo), from: .picture(DemoModel.picture))
    #expect(picture.isFinished == false)
  }
}
