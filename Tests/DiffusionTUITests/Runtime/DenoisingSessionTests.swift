import DiffusionCore
import DiffusionTUI
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
    try await session.step(run: run, index: index, progress: { _ in }).index
  }

  @Test func keepsTheRunThatIsShownUntilTheNextOneTakesAStep() async throws {
    _ = try await session.start(run: 1, settings)
    #expect(try await step(run: 1, index: 0) == 0)
    // Made, but the answer was dropped for another start, which fails: run 1 is still on the screen.
    _ = try await session.start(run: 2, settings)
    controls.setFailure(DiffusionError(.unavailable, "no such device"))
    await #expect(throws: DiffusionError(.unavailable, "no such device")) {
      _ = try await session.start(run: 3, settings)
    }
    #expect(try await step(run: 1, index: 1) == 1)
    #expect(try await step(run: 2, index: 0) == 0)
  }

  @Test func answersAStepThatWasDroppedWithoutComputingItAgain() async throws {
    _ = try await session.start(run: 1, settings)
    #expect(try await step(run: 1, index: 0) == 0)
    #expect(try await step(run: 1, index: 0) == 0)
    #expect(controls.computedSteps == 1)
  }

  @Test func saysThatARunIsGone() async throws {
    _ = try await session.start(run: 1, settings)
    _ = try await step(run: 1, index: 0)
    _ = try await session.start(run: 2, settings)
    _ = try await step(run: 2, index: 0)
    await #expect(throws: DiffusionError.self) { _ = try await step(run: 1, index: 1) }
  }
}
