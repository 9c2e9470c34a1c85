import DiffusionCore
import DiffusionTUI
import Synchronization
import TestSupport
import Testing

@Suite struct DenoisingSessionTests {
  private let controls = FakeEngine.Controls()
  private let settings = RunSettings(steps: 5, threads: 1)
  private let session: DenoisingSession

  init() {
    session = DenoisingSession { [controls] in FakeEngine(controls: controls) }
  }

  private func step(run: Int, index: Int) async throws -> Int {
    try #require(try await answers(to: [(run, index)])[run]).get().step.index
  }

  /// The session's answers for each run.
  private func answers(
    to steps: [(run: Int, index: Int)], progress: @escaping @Sendable ([Int], ForwardProgress) -> Void = { _, _ in }
  ) async throws -> [Int: Result<ShownStep, any Error>] {
    let answers = Mutex<[Int: Result<ShownStep, any Error>]>([:])
    try await session.step(steps, progress: progress) { run, result in answers.withLock { $0[run] = result } }
    return answers.withLock { $0 }
  }

  @Test func keepsARunUntilItIsDiscarded() async throws {
    _ = try await session.start(run: 1, RunRequest(settings: settings))
    #expect(try await step(run: 1, index: 0) == 0)
    // Run 2 was made, but its answer was dropped for another start, which fails: run 1 is still on the screen.
    _ = try await session.start(run: 2, RunRequest(settings: settings))
    controls.setFailure(DiffusionError(.unavailable, "no such device"))
    await #expect(throws: DiffusionError(.unavailable, "no such device")) {
      _ = try await session.start(run: 3, RunRequest(settings: settings))
    }
    #expect(try await step(run: 1, index: 1) == 1)
    #expect(try await step(run: 2, index: 0) == 0)
  }

  @Test func answersAStepThatWasDroppedWithoutComputingItAgain() async throws {
    _ = try await session.start(run: 1, RunRequest(settings: settings))
    #expect(try await step(run: 1, index: 0) == 0)
    #expect(try await step(run: 1, index: 0) == 0)
    #expect(controls.computedSteps == 1)
  }

  @Test func saysThatARunIsGone() async throws {
    _ = try await session.start(run: 1, RunRequest(settings: settings))
    _ = try await step(run: 1, index: 0)
    await session.discard(runs: [1])
    await #expect(throws: DiffusionError.self) { _ = try await step(run: 1, index: 1) }
  }

  @Test func takesTheStepsOfSeveralRuns() async throws {
    for run in 1...3 { _ = try await session.start(run: run, RunRequest(settings: settings)) }
    _ = try await step(run: 2, index: 0)
    let answers = try await answers(to: [(1, 0), (2, 1), (3, 0)])
    #expect(try [1, 2, 3].map { try #require(answers[$0]).get().step.index } == [0, 1, 0])
    #expect(controls.computedSteps == 4)
  }

  @Test func tellsOfWhichRunsTheProgressIs() async throws {
    controls.setPassSize(2)
    for run in 1...3 { _ = try await session.start(run: run, RunRequest(settings: settings)) }
    let told = Mutex<[[Int]]>([])
    _ = try await answers(to: [(1, 0), (2, 0), (3, 0)]) { runs, _ in told.withLock { $0.append(runs) } }
    #expect(told.withLock { $0 } == [[1, 2], [1, 2], [3]])
  }

  @Test func aRunThatFailsFailsAlone() async throws {
    for run in 1...3 {
      var settings = settings
      settings.seeds = [Seed(run)]
      _ = try await session.start(run: run, RunRequest(settings: settings))
    }
    controls.setFailingSeeds([2])
    let answers = try await answers(to: [(1, 0), (2, 0), (3, 0)])
    #expect(throws: DiffusionError.self) { try answers[2]?.get() }
    #expect(try [1, 3].map { try #require(answers[$0]).get().step.index } == [0, 0])
    controls.setFailingSeeds([])
    #expect(try await step(run: 2, index: 0) == 0)
  }

  @Test func whatWasDoneBeforeACancellationIsNotComputedAgain() async throws {
    for run in 1...2 { _ = try await session.start(run: run, RunRequest(settings: settings)) }
    let done = Mutex<[Int]>([])
    controls.setPace(.endlessAfter(1))
    let task = Task { [session] in
      try await session.step([(1, 0), (2, 0)], progress: { _, _ in }) { run, _ in done.withLock { $0.append(run) } }
    }
    while done.withLock({ $0.isEmpty }) { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(done.withLock { $0 } == [1])
    controls.setPace(.instant)
    let answers = try await answers(to: [(1, 0), (2, 0)])
    #expect(try [1, 2].map { try #require(answers[$0]).get().step.index } == [0, 0])
    #expect(controls.computedSteps == 2)
  }
}
