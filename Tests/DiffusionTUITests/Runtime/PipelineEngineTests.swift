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

  /// Every report on the opening of the demo model with some weights, and what else the engine did not open.
  private func openings(_ requests: [RunRequest]) throws -> [[OpeningProgress]] {
    var engine = PipelineEngine(reporting: { request, progress in
      let settings = request.settings
      return try DiffusionPipeline.load(DemoModel.source, threads: 1, weights: settings.weights, progress: progress)
    })
    return try requests.map { request in
      let reports = Mutex<[OpeningProgress]>([])
      _ = try engine.makeRun(request) { report in reports.withLock { $0.append(report) } }
      return reports.withLock { $0 }
    }
  }

  @Test func reportsOnTheOpeningOfAModel() throws {
    var other = run(seed: 0)
    other.settings.weights = .bfloat16
    let reports = try openings([run(seed: 0), run(seed: 1), other])
    #expect(reports[1].isEmpty)
    // They are checked once, and then read for each precision.
    let checks = reports[0].prefix { $0.stage == .checking }
    let readings = [(reports[0].dropFirst(checks.count), WeightPrecision.float32), (reports[2][...], .bfloat16)]
    let stages = [(checks, OpeningProgress.Stage.checking)] + readings.map { ($0.0, .reading($0.1)) }
    for (reports, stage) in stages {
      let first = try #require(reports.first), last = try #require(reports.last)
      #expect(first.bytes == 0 && last.bytes < last.totalBytes && last.totalBytes > 1_000_000)
      #expect(zip(reports, reports.dropFirst()).allSatisfy { $0.bytes < $1.bytes })
      #expect(reports.allSatisfy { $0.stage == stage && $0.totalBytes == first.totalBytes })
    }
  }

  @Test(arguments: [OpeningProgress.Stage.checking, .reading(.float32)])
  func theOpeningOfAModelCanBeStopped(_ stage: OpeningProgress.Stage) throws {
    var engine = engine()
    let failing = PipelineEngine(reporting: { _, progress in
      try DiffusionPipeline.load(DemoModel.source, threads: 1, progress: progress)
    })
    var stopped = failing
    #expect(throws: CancellationError.self) {
      _ = try stopped.makeRun(run(seed: 0)) { if $0.bytes > 0, $0.stage == stage { throw CancellationError() } }
    }
    #expect(try stopped.makeRun(run(seed: 0)).initialNoise == engine.makeRun(run(seed: 0)).initialNoise)
  }

  @Test(arguments: [
    (WeightPrecision.float32, "reading and packing the weights: 34 of 143 MB"),
    (.bfloat16, "reading, rounding to bfloat16 and packing the weights: 34 of 143 MB"),
  ])
  func anOpeningSaysWhatItDoes(weights: WeightPrecision, expected: String) {
    #expect(OpeningProgress(bytes: 34_999_999, totalBytes: 142_000_001, weights: weights).text == expected)
    let check = OpeningProgress(bytes: 34_999_999, totalBytes: 142_000_001, stage: .checking)
    #expect(check.text == "checking the weights: 34 of 143 MB" && check.weights == .float32)
    let start = OpeningProgress(bytes: 0, totalBytes: 1, stage: .starting("opencl"))
    #expect(start.text == "starting opencl, which compiles its kernels the first time")
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

  /// Two spellings of one folder are one model: one copy, one batch.
  @Test func runsOfOneModelUnderTwoNamesShareIt() throws {
    let count = Counter()
    var engine = PipelineEngine(
      open: { _ in
        count.increment()
        return try DDIMPipeline.load(DemoModel.source, threads: 1)
      }, identity: { $0.name.replacing("./", with: "") })
    var runs: [any SteppableRun] = []
    for (seed, name) in ["./m", "m", "other", "./m"].enumerated() {
      var request = run(seed: Seed(UInt64(seed)))
      request.model = ModelReference(name)
      runs.append(try engine.makeRun(request))
    }
    #expect(count.value == 2)
    #expect(engine.passes(of: runs) == [[0, 1, 3], [2]])
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
