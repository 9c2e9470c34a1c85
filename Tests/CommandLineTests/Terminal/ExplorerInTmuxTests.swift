import Foundation
import TestSupport
import Testing

/// The real program in a real terminal, one test at a time, so that each has the processor to itself.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct ExplorerInTmuxTests {
  private static let run = "--seed 3 --steps 4"

  @Test func stepsForwardAndBack() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    let screen = try terminal.screen
    for word in ["seed 3", "step 0/4", "device cpu", "noise cpu"] { #expect(screen.contains(word)) }
    try terminal.send("Right")
    try terminal.waitFor("step 1/4")
    try terminal.send("l")
    try terminal.waitFor("step 2/4")
    try terminal.send("Left")
    try terminal.waitFor("step 1/4")
    try terminal.send("End")
    try terminal.waitFor("step 4/4")
    try terminal.send("Home")
    try terminal.waitFor("step 0/4")
    try terminal.send("Space")
    try terminal.waitFor("step 4/4")
    try terminal.send("r")
    try terminal.waitFor("step 0/4")
    try terminal.send("q")
    try terminal.waitForShell()
  }

  @Test(arguments: ["\u{1B}[F", "\u{1B}OF", "\u{1B}[4~"]) func everyFormOfEndIsEnd(bytes: String) throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    try terminal.type(bytes)
    try terminal.waitFor("step 4/4")
  }

  @Test(arguments: ["\u{1B}[C", "\u{1B}OC"]) func everyFormOfRightIsRight(bytes: String) throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    try terminal.type(bytes)
    try terminal.waitFor("step 1/4")
  }

  @Test func editsTheSeedAndTheSteps() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    try terminal.send("s")
    try terminal.send(Array(repeating: "BSpace", count: 24))
    try terminal.type("42")
    try terminal.send("Enter")
    try terminal.waitFor("seed 42")
    try terminal.send("n")
    try terminal.send(Array(repeating: "BSpace", count: 24))
    try terminal.type("2")
    try terminal.send("Enter")
    try terminal.waitFor("step 0/2")
    #expect(try terminal.screen.contains("seed 42"))
  }

  @Test func comparesRunsSideBySide() throws {
    let terminal = try TmuxSession(columns: 120, rows: 40)
    try terminal.explore("--compare 0,0,1 --steps 4")
    try terminal.send("Right", "Right")
    try terminal.wait(for: "three runs after two steps") { screen in
      screen.components(separatedBy: "2/4").count > 3 && screen.contains("paused")
    }
    let screen = try terminal.screen
    #expect(screen.contains("same bits"))
    #expect(screen.contains("max|d|"))
    #expect(screen.contains("different start"))
  }

  @Test func followsTheWindow() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    let before = try terminal.screen
    for (columns, rows) in [(20, 5), (1, 1), (200, 60)] {
      try terminal.resize(columns: columns, rows: rows)
      try terminal.wait(for: "a screen of \(columns)x\(rows)") { $0.split(separator: "\n").count <= rows }
      #expect(terminal.isRunning)
    }
    try terminal.resize(columns: 80, rows: 24)
    try terminal.wait(for: "the screen as it was") { $0 == before }
    try terminal.send("Right")
    try terminal.waitFor("step 1/4")
  }

  @Test func followsTheWindowWhileItComputes() throws {
    let terminal = try TmuxSession()
    try terminal.explore("--seed 3 --steps 100")
    try terminal.send(">", "Space")
    for (columns, rows) in [(20, 5), (3, 1), (200, 60), (40, 12), (80, 24)] {
      try terminal.resize(columns: columns, rows: rows)
    }
    try terminal.wait(for: "the end in a screen of 80x24") { $0.contains("step 100/100") && $0.contains("done") }
    try terminal.waitFor("noise cpu")
  }

  @Test func showsTrueColorInsideTmux() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    let colors = try terminal.coloredScreen
    #expect(colors.contains("\u{1B}[38;2;") || colors.contains(";38;2;"))
    #expect(colors.contains("48;2;"))
  }

  @Test func usesThePaletteWithoutTrueColor() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run, environment: "-u TMUX TERM=screen-256color COLORTERM=truecolor")
    let colors = try terminal.coloredScreen
    #expect(colors.contains("48;5;"))
    #expect(!colors.contains("48;2;"))
  }

  @Test func obeysNoColor() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run, environment: "NO_COLOR=1")
    let colors = try terminal.coloredScreen
    for code in ["38;", "48;", "\u{1B}[31m", "\u{1B}[32m", "\u{1B}[34m"] { #expect(!colors.contains(code)) }
  }

  @Test(arguments: ["xterm-256color", "xterm", "screen-256color", "tmux-256color", "linux", "vt100"])
  func worksOn(term: String) throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    try terminal.explore(Self.run, environment: "-u TMUX TERM=\(term)")
    try terminal.send("Right")
    try terminal.waitFor("step 1/4")
    try terminal.send("q")
    try terminal.waitForShell()
    #expect(try terminal.leftovers(since: modes) == [])
  }

  @Test func drawsInASCIIWithoutUTF8() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run, environment: "LC_ALL=C")
    #expect(try terminal.screen.unicodeScalars.allSatisfy { $0.isASCII })
    #expect(try terminal.screen.contains("alpha-bar"))
  }

  @Test func usesTheWindowsSizeNotTheExportedOne() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run, environment: "COLUMNS=5 LINES=2")
    #expect(try terminal.screen.contains("noise cpu"))
  }

  @Test(arguments: [
    ("--device cuda", "cuda", 69), ("no-such-model", "no-such-model", 66), ("/", "model_index.json", 66),
    ("--theme none", "theme", 64),
  ])
  func saysInOneLineWhyItCannotStart(arguments: String, name: String, status: Int) throws {
    let terminal = try TmuxSession(columns: 240)
    let modes = try terminal.sttyState
    try terminal.run("clear; \(TmuxSession.program) \(arguments); echo \"status\"-$?")
    let screen = try terminal.waitFor("status-\(status)")
    // Only the command line and the status are above the prompt: nothing was drawn.
    let lines = screen.split(separator: "\n")
    #expect(lines.first?.contains(name) == true)
    #expect(lines.dropFirst().first == "status-\(status)")
    #expect(try terminal.leftovers(since: modes) == [])
  }

  @Test(arguments: ["TERM=dumb", "TERM=no-such-terminal", "-u TERM"])
  func saysInOneLineWhyATerminalWillNotDo(environment: String) throws {
    let terminal = try TmuxSession(columns: 200)
    let modes = try terminal.sttyState
    try terminal.run("clear; env -u TMUX \(environment) \(TmuxSession.program); echo \"status\"-$?")
    let screen = try terminal.waitFor("status-69")
    #expect(screen.split(separator: "\n").first { $0.contains("TERM") }?.contains("snapshot") == true)
    #expect(try terminal.leftovers(since: modes) == [])
  }

  @Test(arguments: ["</dev/null", "| cat"]) func saysWhatToUseWithoutATerminal(redirection: String) throws {
    let terminal = try TmuxSession(columns: 200)
    try terminal.run("clear; \(TmuxSession.program) \(redirection)")
    let screen = try terminal.waitFor("snapshot")
    #expect(screen.contains("needs a terminal"))
    #expect(screen.contains("generate"))
  }
}
