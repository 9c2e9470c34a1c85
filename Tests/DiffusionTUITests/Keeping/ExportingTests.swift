import DiffusionCore
import DiffusionTUI
import Synchronization
import TestSupport
import Testing

/// Files are written while the loop goes on.
@Suite("Writing files in the loop") struct ExportingTests {
  private static func explore(_ keeper: Keeper, _ script: [FakeTerminal.Scene]) -> (State, FakeTerminal) {
    let clock = FakeClock(), controls = FakeEngine.Controls()
    var terminal = FakeTerminal(size: Size(columns: 80, rows: 24), clock: clock, script: script)
    var state = State(
      size: terminal.size, capabilities: terminal.capabilities,
      run: RunRequest(settings: RunSettings(seeds: [5], steps: 3, threads: 1)))
    let effects = state.start()
    let environment = ExplorerEnvironment(
      now: { clock.now }, drawSeed: { 7 }, makeEngine: { FakeEngine(controls: controls) }, keeper: keeper)
    var explorer = Explorer(
      state: state, environment: environment, reduce: { reduce(&$0, $1) },
      view: { view($0, size: $1, capabilities: $2, theme: $0.theme) })
    return (explorer.run(on: &terminal, effects: effects), terminal)
  }

  private static var begin: [FakeTerminal.Scene] {
    [
      .until("paused"), .event(.key(.end)), .until("step 3/3"), .key("x"), .key("a"), .event(.key(.enter)),
    ]
  }

  @Test("a written file is reported")
  func written() {
    let keeper = Keeper(write: { export, _ in .written("/there/\(export.path)") }, commandLine: { _ in "" })
    let (_, terminal) = Self.explore(keeper, Self.begin + [.until("wrote /there/seed5-steps3-animation.png")])
    #expect(terminal.unmet == nil)
  }

  @Test("keys still work during a long export, which stops when told to")
  func cancelled() {
    let stopped = Mutex(false)
    let keeper = Keeper(
      write: { _, check in
        do {
          while true { try check() }
        } catch {
          stopped.withLock { $0 = true }
          throw error
        }
      }, commandLine: { _ in "" })
    let (state, terminal) = Self.explore(
      keeper,
      Self.begin + [.until("Esc stops it"), .event(.key(.escape)), .until("it was stopped"), .key("q")])
    #expect(terminal.unmet == nil)
    #expect(!state.isBusy)
    #expect(stopped.withLock { $0 })
  }

  @Test("an error is one line")
  func failed() {
    let keeper = Keeper(write: { _, _ in throw DiffusionError(.cannotCreate, "no room") }, commandLine: { _ in "" })
    let (_, terminal) = Self.explore(keeper, Self.begin + [.until("no room")])
    #expect(terminal.unmet == nil)
  }

  @Test("the command line goes to the clipboard")
  func copied() {
    let keeper = Keeper(write: { _, _ in .failed("") }, commandLine: { "make --seed \($0.settings.seeds[0])" })
    let (_, terminal) = Self.explore(
      keeper, [.until("paused"), .key("y"), .until("make --seed 5 # sent to the terminal")])
    #expect(terminal.unmet == nil)
    #expect(terminal.copied == ["make --seed 5"])
  }
}
