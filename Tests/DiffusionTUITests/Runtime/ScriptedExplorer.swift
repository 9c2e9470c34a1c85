import DiffusionCore
import DiffusionTUI
import TestSupport

/// A small program for the loop to run: its state records the actions, and each key asks for one effect.
struct ScriptedExplorer {
  struct State {
    var log: [String] = []
    var lastRun = 0
    var run = 0
    var step = 0
  }

  let clock = FakeClock()
  let controls: FakeEngine.Controls
  let terminal: FakeTerminal

  init(pace: FakeEngine.Controls.Pace = .instant, _ script: [FakeTerminal.Scene]) {
    self.init(controls: FakeEngine.Controls(pace: pace), script)
  }

  init(controls: FakeEngine.Controls, _ script: [FakeTerminal.Scene]) {
    self.controls = controls
    terminal = FakeTerminal(clock: clock, script: script)
  }

  /// Runs the script to its end.
  func run(effects: [Effect] = [], remember: ((State) -> Void)? = nil) -> State {
    let environment = ExplorerEnvironment(
      now: { [clock] in clock.now }, drawSeed: { 7 },
      makeEngine: { [controls] in FakeEngine(controls: controls) })
    var explorer = Explorer(
      state: State(), environment: environment, reduce: Self.reduce, view: Self.view, remember: remember)
    var terminal = terminal
    return explorer.run(on: &terminal, effects: effects)
  }

  private static func reduce(_ state: inout State, _ action: Action) -> [Effect] {
    state.log.append(name(of: action))
    switch action {
    case .key(.character("n")):
      state.lastRun += 1
      return [.start(run: state.lastRun, RunRequest(settings: RunSettings(steps: 5, threads: 1)))]
    case .key(.character("s")): return [.denoise(runs: [state.run])]
    case .key(.character("c")): return [.cancel]
    case .key(.character("r")): return [.drawSeed]
    case .key(.character("g")):
      let settings = RunSettings(steps: 5, threads: 1)
      return [.gallery(.develop(GalleryRequest(job: 1, run: RunRequest(settings: settings), entries: [1, 2])))]
    case .key(.character("x")): return [.gallery(.stop)]
    case .key(.character("1")): return [.tick(after: .seconds(1))]
    case .key(.character("3")): return [.tick(after: .seconds(3))]
    case .key(.character("z")): return [.suspend]
    case .key(.character("q")): return [.quit, .drawSeed]
    case .runStarted(let run, _):
      state.run = run
      state.step = 0
    case .stepCompleted(_, let step): state.step = step.step.index + 1
    default: break
    }
    return []
  }

  private static func view(_ state: State, _ size: Size, _ capabilities: TerminalCapabilities) -> Frame {
    var frame = Frame(size: size)
    let text = "run \(state.run) step \(state.step) \(state.log.suffix(3).joined(separator: " "))"
    for (column, character) in text.enumerated() { frame[column, 0] = Cell(character) }
    return frame
  }

  private static func name(of action: Action) -> String {
    switch action {
    case .key(.character(let character)): String(character)
    case .resize(let size): "resize:\(size.columns)x\(size.rows)"
    case .runStarted(let run, _): "started:\(run)"
    case .progress(let runs, let progress): "progress:\(runs.map(String.init).joined(separator: "+")):\(progress.block)"
    case .stepCompleted(let run, let step): "completed:\(run):\(step.step.index)"
    case .runFailed(let run, let message): "failed:\(run):\(message)"
    case .seedDrawn(let seed): "seed:\(seed)"
    case .tick: "tick"
    case .galleryAdvanced(let advance):
      advance.isFinished ? "images:\(advance.images.map { $0.entry.label }.joined(separator: "+"))" : "gallery"
    case .hangUp: "hangUp"
    default: "other"
    }
  }
}
