import DemoModel
import DiffusionCore
import DiffusionTUI
import Synchronization
import Testing

@Suite struct PipelineEngineTests {
  @Test func opensThePipelineAgainAfterAFailure() {
    let count = Counter()
    var engine = PipelineEngine(open: { _ in
      count.increment()
      throw DiffusionError(.missingInput, "no such folder")
    })
    #expect(count.value == 0)
    for _ in 0..<2 {
      #expect(throws: DiffusionError(.missingInput, "no such folder")) {
        _ = try engine.makeRun(RunRequest(settings: RunSettings(threads: 1)))
      }
    }
    #expect(count.value == 2)
  }

  @Test func aPictureIsReadForItsRunBeforeAModelIsOpened() throws {
    let count = Counter()
    var request = run(seed: 0, steps: 4)
    request.settings.initImage = PictureReference("cat.png")
    request.settings.strength = 0.5
    var engine = PipelineEngine(
      open: { _ in
        count.increment()
        return try DDIMPipeline.load(DemoModel.source, threads: 1)
      },
      picture: { name in
        guard name == PictureReference("cat.png") else { throw DiffusionError(.missingInput, "no \(name.name)") }
        return try DemoModel.picture
      })
    let made = try engine.makeRun(request)
    #expect(made.picture == (try DemoModel.picture.record) && made.schedule.count == 2)
    #expect(made.initialSample != made.initialNoise)
    request.model = ModelReference("other")
    request.settings.initImage = PictureReference("dog.png")
    #expect(throws: DiffusionError(.missingInput, "no dog.png")) { try engine.makeRun(request) }
    #expect(count.value == 1)
    var without = PipelineEngine(open: { _ in throw DiffusionError(.missingInput, "never") })
    #expect(throws: DiffusionError(.unavailable, "dog.png: pictures cannot be read here")) {
      try without.makeRun(request)
    }
  }

  private func engine() -> PipelineEngine {
    PipelineEngine(open: { _ in try DDIMPipeline.load(DemoModel.source, threads: 1) })
  }

  private func run(seed: Seed, steps: Int = 2) -> RunRequest {
    RunRequest(settings: RunSettings(seeds: [seed], steps: steps, threads: 1))
  }

  @Test func aPreviewIsDescribedAsTheRunThatIsMadeOfIt() async throws {
    let session = DenoisingSession { [engine] in engine() }
    let described = try await session.describe(run(seed: 5))
    #expect(try await session.start(run: 1, run(seed: 5)) == described)
    #expect(!described.alphasCumprod.isEmpty)
  }

  @Test func runsAtOneTimestepShareAPassAndKeepTheirBits() throws {
    var engine = engine()
    var runs = [
      try engine.makeRun(run(seed: 0)), try engine.makeRun(run(seed: 1, steps: 4)),
      try engine.makeRun(run(seed: 2)),
    ]
    #expect(engine.passes(of: runs) == [[0, 1, 2]])
    _ = try runs[1].step(progress: nil)
    #expect(engine.passes(of: runs) == [[0, 2], [1]])
    var together = [runs[0], runs[2]]
    let steps = try engine.step(&together, progress: { _ in }).map { try $0.get() }
    #expect(together.map(\.completedSteps) == [1, 1])
    for (place, step) in zip([0, 2], steps) {
      let alone = try runs[place].step(progress: nil)
      #expect(step.prevSample == alone.prevSample)
      #expect(step.predOriginalSample == alone.predOriginalSample)
    }
  }

  @Test func aStoppedPassLeavesItsRunsAsTheyWere() throws {
    var engine = engine()
    var runs = [try engine.makeRun(run(seed: 0)), try engine.makeRun(run(seed: 1))]
    let results = engine.step(&runs, progress: { _ in throw CancellationError() })
    for result in results { #expect(throws: CancellationError.self) { try result.get() } }
    #expect(runs.map(\.completedSteps) == [0, 0])
  }

  @Test func noTensorIsHeldTwice() throws {
    var engine = engine()
    var runs = [try engine.makeRun(run(seed: 0)), try engine.makeRun(run(seed: 1))]
    var samples = runs.map(\.initialNoise)
    for _ in 0..<2 {
      let steps = try engine.step(&runs, progress: { _ in }).map { try $0.get() }
      for (step, sample) in zip(steps, samples) { #expect(place(of: step.sample) == place(of: sample)) }
      samples = steps.map(\.prevSample)
    }
  }

  private func place(of tensor: Tensor<Float>) -> UnsafePointer<Float>? {
    tensor.scalars.withUnsafeBufferPointer { $0.baseAddress }
  }
}

private final class Counter: Sendable {
  private let number = Mutex(0)
  var value: Int { number.withLock { $0 } }
  func increment() { number.withLock { $0 += 1 } }
}
