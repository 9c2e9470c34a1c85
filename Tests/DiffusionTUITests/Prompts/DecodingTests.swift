import DiffusionCore
import DiffusionTUI
import Synchronization
import TestSupport
import Testing

/// A run of latents.
struct LatentRun: SteppableRun {
  let settings: RunSettings
  let schedule: [UpdateTerms]
  let initialNoise: Tensor<Float>
  private(set) var completedSteps = 0

  init(_ settings: RunSettings) throws {
    self.settings = settings
    schedule = (0..<settings.steps).map {
      UpdateTerms(timestep: Float(settings.steps - $0), alphaCumprod: 0.5, sigma: 0)
    }
    initialNoise = try Tensor(shape: [1, 4, 2, 2], scalars: (0..<16).map { Float($0) / 8 - 1 })
  }

  var latents: LatentFormat? {
    LatentFormat(scale: 2, factors: [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]], bias: [0, 0, 0])
  }

  mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep {
    defer { completedSteps += 1 }
    let next = try Tensor(
      shape: initialNoise.shape, scalars: initialNoise.scalars.map { $0 / Float(completedSteps + 2) })
    return DenoisingStep(
      index: completedSteps, terms: schedule[completedSteps], sample: initialNoise, modelOutput: initialNoise,
      predOriginalSample: next, prevSample: next, seconds: 0)
  }

  /// The decoder of a run with more than 50 steps goes on until it is stopped.
  func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    repeat {
      try progress?(ForwardProgress(block: "decoder.mid_block.resnets.0", completed: 0, total: 4))
    } while settings.steps > 50
    return try images(of: sample)
  }

  /// Each of the latents' first three channels, over two by two pixels.
  func images(of sample: Tensor<Float>) throws -> Tensor<Float> {
    var scalars: [Float] = []
    for row in 0..<4 {
      for column in 0..<4 {
        let place = row / 2 * 2 + column / 2
        for channel in 0..<3 { scalars.append(sample.scalars[channel * 4 + place] / 2 + 0.5) }
      }
    }
    return try Tensor(shape: [1, 4, 4, 3], scalars: scalars)
  }
}

struct LatentEngine: DenoisingEngine {
  func makeRun(_ request: RunRequest) throws -> any SteppableRun { try LatentRun(request.settings) }
}

/// What decoders did, and what they are to do.
final class DecodingLog: Sendable {
  private let state = Mutex<(steps: Int, decodings: [Seed], held: Seed?, failing: Seed?)>((0, [], nil, nil))

  var steps: Int { state.withLock { $0.steps } }
  /// The seeds whose decoders began, in order.
  var decodings: [Seed] { state.withLock { $0.decodings } }

  /// The decoder of a seed goes on until it is stopped.
  func hold(_ seed: Seed?) { state.withLock { $0.held = seed } }
  /// The decoder of a seed fails.
  func fail(_ seed: Seed) { state.withLock { $0.failing = seed } }

  fileprivate func noteStep() { state.withLock { $0.steps += 1 } }
  fileprivate func noteDecoding(of seed: Seed) throws -> Bool {
    let (isHeld, isFailing) = state.withLock { state in
      state.decodings.append(seed)
      return (state.held == seed, state.failing == seed)
    }
    if isFailing { throw DiffusionError(.unavailable, "out of memory") }
    return isHeld
  }
}

/// A run of latents that notes what it does.
private struct LoggedRun: SteppableRun {
  var run: LatentRun
  let log: DecodingLog
  var settings: RunSettings { run.settings }
  var schedule: [UpdateTerms] { run.schedule }
  var initialNoise: Tensor<Float> { run.initialNoise }
  var completedSteps: Int { run.completedSteps }
  var latents: LatentFormat? { run.latents }

  mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep {
    log.noteStep()
    return try run.step(progress: progress)
  }

  func images(of sample: Tensor<Float>) throws -> Tensor<Float> { try run.images(of: sample) }

  func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    let isHeld = try log.noteDecoding(of: settings.seeds.first ?? 0)
    repeat {
      try progress?(ForwardProgress(block: "decoder.mid_block.resnets.0", completed: 0, total: 4))
    } while isHeld
    return try run.images(of: sample)
  }
}

private struct LoggedEngine: DenoisingEngine {
  let log: DecodingLog

  func makeRun(_ request: RunRequest) throws -> any SteppableRun {
    LoggedRun(run: try LatentRun(request.settings), log: log)
  }
}

@Suite("Decoding") struct DecodingTests {
  @Test("a decoder that has begun is stopped before its next block, and a new run starts", .timeLimit(.minutes(1)))
  func interrupted() async throws {
    let session = DenoisingSession { LatentEngine() }
    _ = try await session.start(run: 1, RunRequest(settings: RunSettings(steps: 51, threads: 1)))
    let decoding = Task.detached { try await session.decode(DecodeRequest(run: 1, view: .sample, position: 0)) }
    try await Task.sleep(for: .milliseconds(20))
    decoding.cancel()
    await #expect(throws: CancellationError.self) { try await decoding.value }
    #expect(try await session.start(run: 2, RunRequest(settings: RunSettings(steps: 2, threads: 1))).latents != nil)
  }

  @Test("a gallery's decoder is stopped before its next block; no step and no image is lost", .timeLimit(.minutes(1)))
  func gallery() async throws {
    let log = DecodingLog(), session = DenoisingSession { LoggedEngine(log: log) }
    let request = GalleryRequest(
      job: 1, run: RunRequest(settings: RunSettings(steps: 1, threads: 1)), entries: [1, 2, 3].map { .seed($0) })
    log.hold(2)
    let stopped = Task.detached { try await session.develop(request, now: { .zero }) }
    while !log.decodings.contains(2) { try await Task.sleep(for: .milliseconds(1)) }
    stopped.cancel()
    await #expect(throws: CancellationError.self) { try await stopped.value }
    log.hold(nil)
    let advance = try await session.develop(request, now: { .zero })
    #expect(advance.isFinished && advance.images.map(\.entry) == request.entries && advance.failures.isEmpty)
    #expect(log.steps == 3 && log.decodings == [1, 2, 2, 3])
  }

  @Test("an image of a gallery that cannot be decoded does not affect the others") func failure() async throws {
    let log = DecodingLog(), session = DenoisingSession { LoggedEngine(log: log) }
    let request = GalleryRequest(
      job: 1, run: RunRequest(settings: RunSettings(steps: 1, threads: 1)), entries: [1, 2, 3].map { .seed($0) })
    log.fail(2)
    let advance = try await session.develop(request, now: { .zero })
    #expect(advance.isFinished && advance.images.map(\.entry) == [.seed(1), .seed(3)])
    #expect(
      advance.failures.map(\.entry) == [.seed(2)] && advance.failures.first?.message.contains("out of memory") == true)
  }

  @Test("any step that a run has taken can be decoded, and no other") func session() async throws {
    let session = DenoisingSession { LatentEngine() }
    let request = RunRequest(settings: RunSettings(steps: 2, threads: 1))
    #expect(try await session.start(run: 1, request).latents?.scale == 2)
    for index in 0..<2 {
      try await session.step([(run: 1, index: index)], progress: { _, _ in }) { _, result in
        let shown = try? result.get()
        #expect(shown != nil && shown?.images == nil, "the step does not wait for the decoder")
      }
    }
    for (view, position) in [(TensorView.sample, 0), (.sample, 2), (.predOriginalSample, 1)] {
      let image = try await session.decode(DecodeRequest(run: 1, view: view, position: position))
      #expect(image.images.shape == [1, 4, 4, 3])
      #expect(image.planes.shape == [1, 3, 4, 4])
      let pixel = image.images.scalars[29]
      #expect(image.planes.scalars[41] == pixel, "the last channel of row 2, column 1")
    }
    for request in [
      DecodeRequest(run: 1, view: .predOriginalSample, position: 0), DecodeRequest(run: 1, view: .sample, position: 3),
      DecodeRequest(run: 2, view: .sample, position: 0),
    ] {
      await #expect(throws: DiffusionError.self) { try await session.decode(request) }
    }
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await session.decode(DecodeRequest(run: 1, view: .sample, position: 0))
    }
    await #expect(throws: CancellationError.self) { try await cancelled.value }
  }

  @Test("a player's last screen has the decoded image, and a line mode its sum") func player() throws {
    let state = State(
      size: Size(columns: 100, rows: 30), capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(steps: 3, threads: 1)))
    var player = SnapshotPlayer(state: state, engine: LatentEngine(), drawSeed: { 0 })
    let frame = try player.play([.end])
    #expect(FrameText(frame).text.contains("decoded"))
    let images = try #require(player.state.run?.history.last?.images)
    #expect(PlainReport(player.state).status.last?.contains("The image is finished") == true)
    var run = try LatentRun(RunSettings(steps: 3, threads: 1))
    var last = try run.step(progress: nil)
    for _ in 0..<2 { last = try run.step(progress: nil) }
    #expect(images == (try run.images(of: last.prevSample)))
  }
}
