import DemoModel
import DiffusionCore
import Glibc
import TestSupport
import Testing

/// Passes that are asked in the middle of a layer whether to go on.
@Suite("Interruptions in the middle of a layer") struct InterruptionTests {
  private struct Stop: Error {}

  /// What a pass told its handler.
  private struct Found: Sendable {
    /// The reports in the middle of a layer: those with the progress of the one before.
    var repeats = 0
    /// Whether every report came from the thread that made the pass.
    var isOwnThread = true
    /// The prediction; nil if the pass was stopped.
    var output: Tensor<Float>?
  }

  /// A step of 64 images on one thread, whose layers take long enough to be asked.
  private func pass(_ pipeline: DiffusionPipeline, seed: Seed, stops: Bool) throws -> Found {
    var run = try pipeline.run(RunSettings(seeds: [seed], batchSize: 64, steps: 1, threads: 1))
    var found = Found(), last = -1
    let own = pthread_self()
    do {
      found.output = try run.step { progress in
        found.isOwnThread = found.isOwnThread && pthread_self() == own
        if progress.completed == last { found.repeats += 1 }
        last = progress.completed
        if stops, found.repeats > 0 { throw Stop() }
      }.modelOutput
    } catch is Stop {}
    return found
  }

  @Test("reach the handler of the pass alone, on its thread, where two threads share a model")
  func handlers() async throws {
    let pipeline = try DiffusionPipeline.load(DemoModel.source, threads: 1)
    let alone = try pass(pipeline, seed: 1, stops: false)
    async let other = onOwnThread { try pass(pipeline, seed: 2, stops: true) }
    let together = try await onOwnThread { try pass(pipeline, seed: 1, stops: false) }, stopped = try await other
    #expect(alone.repeats > 0 && together.repeats == alone.repeats && stopped.repeats == 1)
    #expect(together.isOwnThread && stopped.isOwnThread && stopped.output == nil)
    #expect(sameBits(try #require(together.output), try #require(alone.output)))
  }
}
