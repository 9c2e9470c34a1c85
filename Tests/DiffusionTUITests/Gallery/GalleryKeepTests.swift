import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

/// In the gallery, files and command lines are of the selected image, not of the run behind it.
@Suite("Keeping from the gallery") struct GalleryKeepTests {
  private var engine = SmilingEngine()

  /// A gallery of seeds from 42 on, with the cursor on 45; the run of seed 42 behind it is finished.
  private mutating func selected() -> State {
    var state = Scenes.after(4, steps: 4, engine: &engine)
    engine.press(.character("G"), .right, .right, .right, on: &state)
    return state
  }

  @Test("y is of the selected seed") mutating func commandLine() {
    var state = selected()
    guard case .copyCommandLine(let request)? = reduce(&state, .key(.character("y"))).first else {
      Issue.record("nothing is copied")
      return
    }
    #expect(request.settings.seeds == [45] && request.settings.steps == 4)
    engine.press(.character("y"), on: &state)
    #expect(state.news == "seed 45, 4 steps # sent to the terminal")
    #expect(FrameText(view(state)).text.contains("sent to the terminal"))
  }

  @Test("a picture and a tensor are of the selected seed", arguments: ["p", "n"])
  mutating func picture(letter: Character) throws {
    var state = selected()
    engine.press(.character("x"), .character(letter), on: &state)
    #expect(state.exportMenu?.naming?.text.hasPrefix("seed45-steps4-x_t-4.") == true)
    guard case .export(_, let export)? = reduce(&state, .key(.enter)).first, case .tensor(let tensor) = export.content
    else {
      Issue.record("no file is written")
      return
    }
    #expect(TensorStatistics(of: tensor).sha256 == state.galleryImages.store.image(of: 45)?.sha256)
  }

  @Test("what needs all steps computes the run of the selected seed", arguments: ["r", "c", "a", "s"])
  mutating func steps(letter: Character) throws {
    var state = selected()
    engine.press(.character("x"), .character(letter), on: &state)
    guard case .exportRun(_, let request, let target)? = reduce(&state, .key(.enter)).first else {
      Issue.record("no file is written")
      return
    }
    #expect(request.settings.seeds == [45] && target.path.hasPrefix("seed45-steps4-"))
    #expect(state.exportTask != nil)
  }

  @Test("a finished run on the screen is not computed again") mutating func known() {
    var state = selected()
    engine.press(.left, .left, .left, .character("x"), .character("r"), on: &state)
    guard case .export(_, let export)? = reduce(&state, .key(.enter)).first, case .run(let run) = export.content else {
      Issue.record("no receipt is written")
      return
    }
    #expect(run.settings.seeds == [42] && run.isFinished)
  }

  @Test("an image that is not there yet says so") mutating func missing() {
    engine.answersSteps = false
    var state = Scenes.started(steps: 4, engine: &engine)
    engine.press(.character("G"), .right, .character("x"), .character("p"), on: &state)
    #expect(state.notice == "seed 43 has no image yet: wait for it")
  }

  @Test("a run is computed to its end, and is the one that steps would make") func recorded() async throws {
    let request = RunRequest(settings: RunSettings(seeds: [9], steps: 3, threads: 1))
    let session = DenoisingSession { FakeEngine(controls: FakeEngine.Controls()) }
    let run = try await session.record(request)
    #expect(run.isFinished && run.schedule.count == 3 && run.settings.seeds == [9])
    let engine = FakeEngine(controls: FakeEngine.Controls())
    var stepped = try engine.makeRun(request), replayed = run
    for _ in 0..<3 {
      let (own, other) = (try replayed.step(progress: nil), try stepped.step(progress: nil))
      #expect(own.prevSample == other.prevSample)
    }
  }

  @Test("keys without a screen write the file too") func headless() throws {
    let state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(seeds: [5], steps: 3, threads: 1)))
    let keeper = Keeper(
      write: { export, _ in
        guard case .run(let run) = export.content else { return .failed("not a run") }
        return .written("\(run.settings.seeds[0]) of \(run.schedule.count)")
      }, commandLine: { _ in "" })
    var player = SnapshotPlayer(
      state: state, engine: FakeEngine(controls: FakeEngine.Controls()), drawSeed: { 7 }, keeper: keeper)
    _ = try player.play([.character("G"), .right, .right, .character("x"), .character("r"), .enter])
    #expect(player.state.news == "wrote 7 of 3")
  }
}
