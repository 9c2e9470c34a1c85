import Glibc
import TestSupport
import Testing

/// However the program ends, the terminal is restored.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct TerminalMannersTests {
  @Test(arguments: [SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGTERM])
  func aSignalLeavesTheTerminalClean(signal: Int32) throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    // No core file, wherever the system would put it.
    try terminal.run("ulimit -c 0")
    try terminal.explore("--steps 4")
    try terminal.send("Right")
    try terminal.waitFor("step 1/4")
    try terminal.signal(signal)
    try terminal.waitForShell()
    #expect(!terminal.isRunning)
    #expect(try terminal.leftovers(since: modes) == [])
  }

  @Test func heedsSignalsThatItWasStartedWithBlocked() throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    // As threads of many programs do when they start others.
    try terminal.explore("--steps 4", environment: "--block-signal=TERM,WINCH")
    try terminal.resize(columns: 80, rows: 30)
    try terminal.wait(for: "keys in the last row") {
      $0.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(29).first?.contains("quit") == true
    }
    try terminal.resize(columns: 80, rows: 24)
    try terminal.signal(SIGTERM)
    try terminal.waitForShell()
    #expect(!terminal.isRunning)
    #expect(try terminal.leftovers(since: modes) == [])
  }

  @Test(arguments: ["q", "C-c"]) func aKeyLeavesTheTerminalClean(key: String) throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    // Slow steps, so that one is being computed when the key arrives.
    try terminal.explore("--steps 50 --device cpu:reference")
    try terminal.send("Space")
    try terminal.waitFor("playing")
    try terminal.send(key)
    try terminal.waitForShell()
    #expect(!terminal.isRunning)
    #expect(try terminal.leftovers(since: modes) == [])
  }

  @Test func stopsAndContinues() throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    try terminal.explore("--seed 3 --steps 4")
    let screen = try terminal.screen
    try terminal.send("C-z")
    try terminal.waitForShell()
    #expect(terminal.isRunning)
    #expect(try terminal.leftovers(since: modes) == [])
    try terminal.run("fg")
    try terminal.wait(for: "the screen as it was") { $0 == screen }
    #expect(try terminal.alternateOn)
    #expect(try !terminal.cursorShown)
    try terminal.send("Right")
    try terminal.waitFor("step 1/4")
  }

  @Test func stopsAndContinuesWhileItComputes() throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    try terminal.explore("--seed 3 --steps 3 --device cpu:reference")
    try terminal.send("Space")
    try terminal.waitFor("playing")
    try terminal.send("C-z")
    try terminal.waitForShell()
    #expect(terminal.isRunning)
    #expect(try terminal.leftovers(since: modes) == [])
    try terminal.run("fg")
    try terminal.waitFor("step 3/3")
  }

  @Test func stopsOnASignal() throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    try terminal.explore("--seed 3 --steps 4")
    try terminal.signal(SIGTSTP)
    try terminal.waitForShell()
    #expect(try terminal.leftovers(since: modes) == [])
    // Meanwhile the window changes, without the program being notified.
    try terminal.resize(columns: 100, rows: 30)
    try terminal.run("fg")
    try terminal.waitFor("step 0/4")
    try terminal.send("Right")
    let screen = try terminal.waitFor("step 1/4")
    #expect(screen.split(separator: "\n", omittingEmptySubsequences: false).count >= 30)
  }

  @Test func repaintsAfterAStopThatCannotBeCaught() throws {
    let terminal = try TmuxSession()
    try terminal.explore("--seed 3 --steps 4")
    let screen = try terminal.screen
    try terminal.signal(SIGSTOP)
    // The shell has the terminal again, in an unknown state.
    try terminal.wait(for: "the shell's prompt") { $0 != screen }
    // In the program's modes Enter does not end a line.
    try terminal.type("fg")
    try terminal.send("C-j")
    try terminal.wait(for: "the screen as it was") { $0 == screen }
    try terminal.send("Right")
    try terminal.waitFor("step 1/4")
  }
}
