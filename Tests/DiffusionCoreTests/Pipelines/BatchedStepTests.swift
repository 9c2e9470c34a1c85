import DemoModel
import DiffusionCore
import TestSupport
import Testing

@Suite("Runs that step together")
struct BatchedStepTests {
  private struct Stop: Error {}

  private static let mixed = [
    RunSettings(seeds: [0], steps: 4, threads: 1),
    RunSettings(seeds: [1], steps: 4, eta: 1, threads: 1),
    RunSettings(seeds: [2], batchSize: 2, steps: 4, eta: 0.5, generatorDevice: .cuda, threads: 1),
    RunSettings(seeds: [3, 4, 5], steps: 2, eta: 0.25, threads: 1),
    RunSettings(seeds: [0], steps: 8, threads: 1, useClippedModelOutput: true),
    RunSettings(seeds: [6], steps: 1, threads: 1),
    RunSettings(seeds: [0], steps: 4, threads: 1, scheduler: "ddpm"),
    RunSettings(seeds: [0], steps: 4, threads: 1, scheduler: "euler", schedulerOptions: ["s_churn": .integer(2)]),
    RunSettings(seeds: [0], steps: 4, threads: 1, scheduler: "pndm"),
  ]

  private func pipeline(_ model: String = "two-levels") throws -> DiffusionPipeline {
    try .fromPretrained("\(Fixtures.folder)/unet/\(model)", threads: 1)
  }

  /// Steps runs together to their ends, and compares every tensor of every step with that of each run alone.
  private func compare(_ pipeline: DiffusionPipeline, _ settings: [RunSettings]) throws {
    var together = try settings.map(pipeline.run), alone = try settings.map(pipeline.run)
    while together.contains(where: { !$0.isFinished }) {
      let finished = together.map(\.isFinished)
      let results = try DenoisingRun.step(&together)
      #expect(results.count == settings.count)
      for index in settings.indices {
        guard !finished[index] else {
          #expect(throws: DiffusionError.self) { try results[index].get() }
          continue
        }
        let (step, expected) = (try results[index].get(), try alone[index].step())
        #expect(step.index == expected.index)
        #expect(step.timestep == expected.timestep)
        #expect(step.sample.isBitEqual(to: expected.sample))
        #expect(step.modelOutput.isBitEqual(to: expected.modelOutput))
        #expect(step.predOriginalSample.isBitEqual(to: expected.predOriginalSample))
        #expect(step.prevSample.isBitEqual(to: expected.prevSample))
      }
    }
  }

  @Test("give the same bits as alone", arguments: ["two-levels", "scale-shift", "four-levels"])
  func fixtures(model: String) throws { try compare(pipeline(model), Self.mixed) }

  @Test("give the same bits as alone on the demo model")
  func demo() throws {
    let settings = [0, 1, 2].map { RunSettings(seeds: [$0], steps: 2, eta: $0 == 1 ? 1 : 0, threads: 1) }
    try compare(.load(DemoModel.source, threads: 1), settings)
  }

  @Test("share a pass if they share model and timestep")
  func passes() throws {
    let runs = try Self.mixed.map(try pipeline().run)
    // 4 steps start at timestep 750, whatever the scheduler, 2 at 500, 8 at 875, 1 at 0.
    #expect(DenoisingRun.sharedPasses(of: runs) == [[0, 1, 2, 6, 7, 8], [3], [4], [5]])
    let others = try Self.mixed.map(try pipeline().run)
    #expect(DenoisingRun.sharedPasses(of: [runs[0], others[1], runs[2]]) == [[0, 2], [1]])
    #expect(DenoisingRun.sharedPasses(of: []) == [])
  }

  @Test("share a pass only up to the limit of pixels")
  func limit() throws {
    // Images of 8x8: 1024 of them fill a pass.
    let sizes = [1000, 24, 1, 2000, 1023]
    let pipeline = try pipeline()
    let runs = try sizes.map { try pipeline.run(RunSettings(batchSize: $0, steps: 1, threads: 1)) }
    #expect(runs[0].initialNoise.shape == [1000, 3, 8, 8])
    #expect(DenoisingRun.sharedPasses(of: runs) == [[0, 1], [2], [3], [4]])
  }

  @Test("are left unchanged if progress throws in any pass, generators included")
  func cancellation() throws {
    let pipeline = try pipeline()
    var runs = try Self.mixed.map(pipeline.run)
    var reports: [ForwardProgress] = []
    var whole = try Self.mixed.map(pipeline.run)
    let expected = try DenoisingRun.step(&whole) { reports.append($0) }.map { try $0.get().prevSample }
    for stop in stride(from: 0, to: reports.count, by: 7) {
      var told = 0
      #expect(throws: Stop.self) {
        try DenoisingRun.step(&runs) { _ in
          if told == stop { throw Stop() }
          told += 1
        }
      }
      #expect(runs.allSatisfy { $0.completedSteps == 0 && $0.sample == $0.initialSample })
    }
    let resumed = try DenoisingRun.step(&runs).map { try $0.get().prevSample }
    #expect(zip(resumed, expected).allSatisfy { $0.isBitEqual(to: $1) })
  }

  @Test("report progress over all passes")
  func progress() throws {
    var runs = try Self.mixed.map(try pipeline().run)
    var reports: [ForwardProgress] = []
    _ = try DenoisingRun.step(&runs) { reports.append($0) }
    #expect(reports.map(\.completed) == Array(0..<reports.count))
    #expect(reports.allSatisfy { $0.total == reports.count })
    #expect(reports.count % 4 == 0)
  }

  @Test("fail separately: an error of the model concerns only the runs of that pass")
  func failures() throws {
    let (good, bad) = (try pipeline(), try pipeline("centered"))
    var runs = try [good.run(Self.mixed[0]), bad.run(Self.mixed[0]), good.run(Self.mixed[1])]
    let results = try DenoisingRun.step(&runs)
    #expect(throws: Never.self) { try results[0].get() }
    #expect(throws: DiffusionError.self) { try results[1].get() }
    #expect(throws: Never.self) { try results[2].get() }
    #expect(runs.map(\.completedSteps) == [1, 0, 1])
  }

  /// A formula with an identity, so that runs can share it.
  private final class SharedFormula: DenoisingModel {
    var identity: ObjectIdentifier? { ObjectIdentifier(self) }

    func callAsFunction(
      _ input: ModelInput, progress: ForwardProgressHandler?
    ) throws -> Tensor<Float> {
      try AnalyticModel()(input, progress: progress)
    }
  }

  @Test("are charged their images' share of the time, plus their own update")
  func seconds() throws {
    let model = SharedFormula(), noise = CountingNoise()
    var runs = try [1, 3].map {
      try DenoisingRun(
        model: model, scheduler: DDIMScheduler(), sampleShape: [1, 2, 2],
        settings: RunSettings(batchSize: $0, threads: 1), noise: noise.source, clock: TickingClock())
    }
    // The clock advances by a quarter of a second in the pass, and again in each update.
    #expect(try DenoisingRun.step(&runs).map { try $0.get().seconds } == [0.0625 + 0.25, 0.1875 + 0.25])
  }

  @Test("have separate passes if their models have no identity")
  func formulas() throws {
    let noise = CountingNoise()
    let runs = try (0..<2).map { _ in
      try DenoisingRun(
        model: AnalyticModel(), scheduler: DDIMScheduler(), sampleShape: [1, 2, 2], settings: RunSettings(threads: 1),
        noise: noise.source)
    }
    #expect(DenoisingRun.sharedPasses(of: runs) == [[0], [1]])
  }
}
