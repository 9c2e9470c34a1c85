import DemoModel
import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Computing a gallery") struct GallerySessionTests {
  private let controls = FakeEngine.Controls()
  private let request = GalleryRequest(
    job: 1, run: RunRequest(settings: RunSettings(steps: 5, threads: 1)), entries: [1, 2])
  private let session: DenoisingSession

  init() {
    session = DenoisingSession { [controls] in FakeEngine(controls: controls) }
  }

  @Test("a stopped step is taken again, and none is lost") func stopped() async throws {
    for _ in 0..<2 { _ = try await session.develop(request, now: { .zero }) }
    controls.setPace(.endless)
    let task = Task { [session, request] in try await session.develop(request, now: { .zero }) }
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    controls.setPace(.instant)
    #expect(try await session.develop(request, now: { .zero }).completedSteps == 3)
    #expect(controls.computedSteps == 6)
  }

  @Test("other settings start over") func otherSettings() async throws {
    _ = try await session.develop(request, now: { .zero })
    var settings = request.run.settings
    settings.steps = 3
    let other = GalleryRequest(job: 2, run: RunRequest(settings: settings), entries: [1, 2])
    let advance = try await session.develop(other, now: { .zero })
    #expect(advance.completedSteps == 1 && advance.stepCount == 3)
  }

  @Test("a seed that fails does not affect the others") func failing() async throws {
    controls.setFailingSeeds([2])
    var advance = try await session.develop(request, now: { .zero })
    #expect(advance.failures.map(\.entry) == [2])
    #expect(advance.failures.first?.message.contains("out of memory") == true)
    while !advance.isFinished { advance = try await session.develop(advance.request, now: { .zero }) }
    #expect(advance.images.map(\.entry) == [1])
  }

  @Test("steps of the runs are taken between the gallery's") func between() {
    let explorer = ScriptedExplorer([
      .key("n"), .until("started:1"), .key("g"), .key("s"), .until("images:1+2"), .until("step 1"),
    ])
    let state = explorer.run()
    #expect(state.log.contains("images:1+2") || state.log.contains("completed:1:0"))
    #expect(state.step == 1)
  }

  @Test("stopping the gallery frees the session at once") func free() {
    let controls = FakeEngine.Controls(pace: .endless)
    let explorer = ScriptedExplorer(
      controls: controls,
      [
        .key("g"), .key("x"), .key("n"), .until("started:1"), .perform { controls.setPace(.instant) }, .key("s"),
        .until("step 1"),
      ])
    let state = explorer.run()
    #expect(explorer.terminal.unmet == nil)
    #expect(!state.log.contains { $0.hasPrefix("images") })
  }

  @Test(
    "images have the same bits as each run on its own",
    arguments: [
      RunSettings(steps: 2, threads: 1), RunSettings(steps: 2, eta: 0.5, threads: 2),
      RunSettings(steps: 2, threads: 1, variation: NoiseVariation(seed: 9, strength: 0.35)),
    ])
  func bits(settings: RunSettings) throws {
    let seeds: [Seed] = [0, 1, 5]
    let state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor, run: RunRequest(settings: settings))
    var player = SnapshotPlayer(
      state: state, engine: PipelineEngine(open: { _ in try DDIMPipeline.load(DemoModel.source, threads: 1) }),
      drawSeed: { 0 })
    try player.start()
    try player.perform(.gallery(try GalleryEntries(parsing: "0-5")))
    let pipeline = try DDIMPipeline.load(DemoModel.source, threads: 1)
    for seed in seeds {
      var alone = settings
      alone.seeds = [seed]
      var run = try pipeline.run(alone)
      while !run.isFinished { _ = try run.step() }
      let image = try #require(player.state.galleryImages.store.image(of: .seed(seed)))
      #expect(image.sha256 == TensorStatistics(of: run.sample).sha256)
    }
  }
}
