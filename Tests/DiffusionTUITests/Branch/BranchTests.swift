import DemoModel
import DiffusionCore
import DiffusionTUI
import Synchronization
import TestSupport
import Testing

@Suite("Branching a run") struct BranchTests {
  var engine = SmilingEngine()

  /// A run of eight steps after three, with the branch's editor open.
  private mutating func opened(columns: Int = 120, rows: Int = 40) -> State {
    var state = Scenes.after(3, columns, rows, steps: 8, engine: &engine)
    engine.press(.character("B"), on: &state)
    return state
  }

  private mutating func type(_ text: String, _ state: inout State) {
    for character in text { engine.press(.character(character), on: &state) }
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test("Tab counts up as far as the setting goes, and Shift-Tab down") mutating func tab() {
    var state = opened()
    engine.press(.backTab, on: &state)
    #expect(state.branchEditor?.editor.text == "0")
    engine.press(.tab, .tab, on: &state)
    #expect(state.branchEditor?.editor.text == "1")
    engine.press(.enter, on: &state)
    #expect(state.panes.last?.settings.branches == [RunBranch(step: 3, changes: ["eta": .integer(1)])])
  }

  @Test("B sets a branch up and shows it beside its run, at the step where they part")
  mutating func branch() {
    var state = opened()
    #expect(state.branchEditor?.step == 3 && text(state).contains("branch at step 3, eta 0"))
    type("0.5", &state)
    engine.press(.down, on: &state)
    let names = SchedulerClass.all.map(\.shortName)
    for _ in names.prefix(through: names.firstIndex(of: "ddpm") ?? 0) { engine.press(.tab, on: &state) }
    #expect(text(state).contains("branch at step 3, eta 0.5, scheduler ddpm"))
    engine.press(.enter, on: &state)
    #expect(state.layers.isEmpty && state.panes.count == 2)
    #expect(state.focus == 1 && state.compare.reference == 0 && state.positions == [3, 3] && !state.isBusy)
    var expected = state.panes[0].settings
    expected.branches = [RunBranch(step: 3, changes: ["eta": .number(0.5), "scheduler": .text("ddpm")])]
    #expect(state.panes[1].settings == expected)
    #expect(text(state).contains("branch at 3: "))
  }

  @Test("back and forward lead across the branch, for both runs at once, and to where they were")
  mutating func across() {
    var state = opened()
    engine.press(.enter, .right, .right, on: &state)
    #expect(state.positions == [5, 5])
    engine.press(.left, .left, .left, on: &state)
    #expect(state.positions == [2, 2])
    let effects = reduce(&state, .key(.right)) + reduce(&state, .key(.right))
    #expect(effects == [] && state.positions == [4, 4], "steps are kept")
    engine.press(.end, .home, .character("C"), on: &state)
    #expect(state.panes.count == 1 && state.settings.branches == [] && state.completedSteps == 8)
  }

  @Test("the timeline marks where they part, and says so under the cursor")
  mutating func timeline() {
    var state = opened()
    engine.press(.enter, on: &state)
    #expect(text(state).contains("branched at step 3"))
    engine.press(.right, on: &state)
    let marked = text(state)
    #expect(marked.contains("\u{2533}") && !marked.contains(", branched at step 3"))
    let ascii = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "test")
    #expect(FrameText(view(state, size: state.size, capabilities: ascii, theme: state.theme)).text.contains("==Y"))
    engine.press(.character("1"), on: &state)
    #expect(text(state).contains("\u{2533}"), "also while the run that it leaves has the focus")
  }

  @Test("there is nothing to branch from at the noise, after the last step, or beside eight runs")
  mutating func refused() {
    var state = Scenes.started(steps: 4, engine: &engine)
    engine.press(.character("B"), on: &state)
    #expect(state.layers.isEmpty && state.notice?.contains("shares the first steps") == true)
    engine.press(.end, .character("B"), on: &state)
    #expect(state.layers.isEmpty && state.notice?.contains("no step is left") == true)
    engine.press(.left, on: &state)
    for _ in 0..<7 { engine.press(.character("c"), on: &state) }
    engine.press(.character("B"), on: &state)
    #expect(state.layers.isEmpty && state.notice?.contains("8 runs already") == true)
  }

  @Test("a value that is not valid stays, with the reason, and Esc leaves everything as it was")
  mutating func invalid() {
    var state = opened()
    let panes = state.panes
    type("2", &state)
    for key in [Key.enter, .down, .up] {
      engine.press(key, on: &state)
      #expect(state.branchEditor?.editor.setting == .eta && state.branchEditor?.editor.text == "2")
      #expect(state.branchEditor?.editor.error?.hasPrefix("eta 2 is not a decimal from 0 to 1") == true)
      #expect(text(state).contains("eta 2 is not a decimal"))
    }
    #expect(StateInvariants.brokenEscape(from: state) == nil)
    engine.press(.escape, on: &state)
    #expect(state.layers.isEmpty && state.panes == panes)
  }

  @Test("a branch branches again, and is set up again where it stands")
  mutating func again() {
    var state = opened()
    type("1", &state)
    engine.press(.enter, .right, .right, .character("B"), .down, .down, on: &state)
    type("20", &state)
    engine.press(.enter, on: &state)
    let both = [
      RunBranch(step: 3, changes: ["eta": .integer(1)]), RunBranch(step: 5, changes: ["steps": .integer(20)]),
    ]
    #expect(state.panes.count == 3 && state.settings.branches == both && state.compare.reference == 1)
    engine.press(.left, .left, .character("B"), on: &state)
    #expect(state.branchEditor?.editor.text == "1", "eta as it is behind step 3")
    type("0.25", &state)
    engine.press(.enter, on: &state)
    #expect(state.settings.branches == [RunBranch(step: 3, changes: ["eta": .number(0.25)])])
  }

  @Test("every setting that may change can be reached with the arrows")
  mutating func settings() throws {
    var state = opened()
    var reached: Set<Setting> = []
    let settings = try #require(state.branchEditor?.settings)
    for _ in settings {
      if let setting = state.branchEditor?.editor.setting { reached.insert(setting) }
      engine.press(.down, on: &state)
    }
    // The model takes no prompt, has no classes and one stage.
    let others: Set<Setting> = [
      .prompt, .negativePrompt, .promptBlend, .classLabels, .guidanceScale, .guidanceRescale, .priorSteps,
      .priorGuidanceScale, .superResSteps, .denoisingEnd,
    ]
    #expect(
      reached == Set(settings) && reached == Set(RunBranch.settings).subtracting(others)
        && state.branchEditor?.editor.setting == .eta)
    engine.press(.up, .down, on: &state)
    #expect(state.branchEditor?.editor.setting == .eta)
  }

  @Test("fits every size", arguments: [(20, 5), (40, 10), (80, 24), (100, 30), (200, 60)])
  mutating func sizes(columns: Int, rows: Int) {
    var state = opened(columns: columns, rows: rows)
    engine.press(.down, on: &state)
    #expect(text(state).contains("scheduler"), "\(text(state))")
    engine.press(.enter, .right, on: &state)
    #expect(state.positions == [4, 4])
  }

  @Test("a gallery of a branched run branches every seed, and its copied line has the branch")
  mutating func gallery() throws {
    var state = opened()
    type("1", &state)
    engine.press(.enter, .character("G"), on: &state)
    let gallery = try #require(state.gallery)
    #expect(gallery.request(of: 7).settings.branches == [RunBranch(step: 3, changes: ["eta": .integer(1)])])
    #expect(Setting.branches.arguments(Setting.branches.value(of: state.pane.request)) == ["--branch", "3,eta=1"])
  }

  @Test("the steps that a branch shares are not computed again, and those behind it keep their bits")
  func shared() async throws {
    let session = DenoisingSession {
      PipelineEngine(open: { _ in try DDIMPipeline.load(DemoModel.source, threads: 1) })
    }
    let run = RunSettings(seeds: [5], steps: 5, eta: 0.5, threads: 1)
    var other = run
    other.branches = [RunBranch(step: 3, changes: ["scheduler": .text("euler")])]
    let calls = Mutex(0)
    func steps(of number: Int, _ settings: RunSettings, _ count: Int) async throws -> [DenoisingStep] {
      _ = try await session.start(run: number, RunRequest(settings: settings))
      let answers = Mutex<[DenoisingStep]>([])
      for index in 0..<count {
        try await session.step([(number, index)]) { _, progress in
          if progress.completed == 0 { calls.withLock { $0 += 1 } }
        } answer: { _, result in
          answers.withLock { $0 += (try? result.get()).map { [$0.step] } ?? [] }
        }
      }
      return answers.withLock { $0 }
    }
    // Nothing to share yet: all is computed.
    let alone = try await steps(of: 1, other, 4)
    await session.discard(runs: [1])
    let parent = try await steps(of: 2, run, 4)
    #expect(calls.withLock { $0 } == 8)
    let branch = try await steps(of: 3, other, 4)
    #expect(calls.withLock { $0 } == 9, "only the step behind the branch")
    #expect(branch.map(\.prevSample) == alone.map(\.prevSample))
    #expect(branch.prefix(3).map(\.prevSample) == parent.prefix(3).map(\.prevSample))
  }
}
