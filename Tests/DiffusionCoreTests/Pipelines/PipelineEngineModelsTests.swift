import DemoModel
import DiffusionCore
import Synchronization
import TestSupport
import Testing

@Suite("The engine with several models") struct PipelineEngineModelsTests {
  private let opened = Opened()

  private func engine() -> PipelineEngine {
    PipelineEngine { [opened] request in
      opened.note(request.model.name)
      let folder = "\(Fixtures.folder)/unet/\(request.model.name)"
      let source = try request.model.path.map { _ in try ModelSource(resolving: folder, environment: [:]) }
      return try DDIMPipeline.load(source ?? DemoModel.source, threads: request.settings.threads)
    }
  }

  private func run(_ model: String?, seed: Seed = 0, threads: Int = 1) -> RunRequest {
    RunRequest(model: ModelReference(model), settings: RunSettings(seeds: [seed], steps: 2, threads: threads))
  }

  @Test("opens each once, and runs of one model form one batch") func batches() throws {
    var engine = engine()
    let requests = [
      run("two-levels"), run("three-levels"), run("two-levels", seed: 1), run(nil), run("three-levels", seed: 1),
    ]
    var runs: [any SteppableRun] = []
    for request in requests { runs.append(try engine.makeRun(request)) }
    #expect(opened.names == ["two-levels", "three-levels", "ddpm-emoji-32"])
    #expect(Set(engine.passes(of: runs)) == [[0, 2], [1, 4], [3]])
    for pass in engine.passes(of: runs) {
      var members = pass.map { runs[$0] }
      let steps = try engine.step(&members, progress: { _ in }).map { try $0.get() }
      for (place, step) in zip(pass, steps) {
        var alone = self.engine()
        var other = try alone.makeRun(requests[place])
        #expect(try other.step(progress: nil).prevSample == step.prevSample)
      }
    }
  }

  @Test("releases a model that no run uses, and keeps the last") func releases() throws {
    var engine = engine()
    var first: (any SteppableRun)? = try engine.makeRun(run("two-levels"))
    _ = try engine.makeRun(run("three-levels"))
    _ = try engine.makeRun(run("two-levels", seed: 2))
    #expect(opened.names == ["two-levels", "three-levels"])
    #expect(first?.settings.seeds == [0])
    first = nil
    _ = try engine.makeRun(run("two-levels", seed: 3))
    #expect(opened.names.count == 2)
    _ = try engine.makeRun(run("three-levels"))
    _ = try engine.makeRun(run("two-levels"))
    #expect(opened.names == ["two-levels", "three-levels", "three-levels", "two-levels"])
  }

  @Test("keeps the models of runs with other threads") func variants() throws {
    var engine = engine()
    let kept = [try engine.makeRun(run("two-levels")), try engine.makeRun(run("two-levels", threads: 2))]
    _ = try engine.makeRun(run("three-levels"))
    let again = [try engine.makeRun(run("two-levels")), try engine.makeRun(run("two-levels", threads: 2))]
    #expect(opened.names == ["two-levels", "three-levels"])
    #expect(Set(engine.passes(of: kept + again)) == [[0, 2], [1, 3]])
  }

  @Test("is left unchanged if another cannot be opened") func fails() throws {
    var engine = engine()
    let run = try engine.makeRun(run("two-levels"))
    let error = try #require(throws: DiffusionError.self) { _ = try engine.makeRun(self.run("nowhere")) }
    #expect(error.kind == .missingInput)
    let next = try engine.makeRun(self.run("two-levels", seed: 1))
    #expect(engine.passes(of: [run, next]) == [[0, 1]])
    #expect(opened.names == ["two-levels", "nowhere"])
  }
}

private final class Opened: Sendable {
  private let list = Mutex<[String]>([])
  var names: [String] { list.withLock { $0 } }
  func note(_ name: String) { list.withLock { $0.append(name) } }
}
