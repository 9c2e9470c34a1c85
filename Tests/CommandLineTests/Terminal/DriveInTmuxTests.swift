import Foundation
import Glibc
import TestSupport
import Testing

/// Mouse, palette, keys and sessions of the real program in a real terminal.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct DriveInTmuxTests {
  private static let run = "--seed 3 --steps 4"

  private func configure(_ terminal: TmuxSession, _ text: String) throws {
    let folder = terminal.folder + "/config/diffusion-tui"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: folder + "/config.toml", atomically: true, encoding: .utf8)
  }

  @Test func capturesTheMouseUntilAKeyReleasesIt() throws {
    let terminal = try TmuxSession()
    let modes = try terminal.sttyState
    try terminal.explore(Self.run)
    #expect(try terminal.mouseOn)
    try terminal.send("M")
    try terminal.wait(for: "the mouse released") { _ in try !terminal.mouseOn }
    try terminal.send("M")
    try terminal.wait(for: "the mouse captured") { _ in try terminal.mouseOn }
    try terminal.send("C-z")
    try terminal.waitForShell()
    #expect(try terminal.leftovers(since: modes) == [])
    try terminal.run("fg")
    try terminal.wait(for: "the mouse captured again") { _ in try terminal.mouseOn }
    try terminal.signal(SIGQUIT)
    try terminal.waitForShell()
    #expect(try terminal.leftovers(since: modes) == [])
  }

  @Test func leavesTheMouseAloneIfToldTo() throws {
    let terminal = try TmuxSession()
    try configure(terminal, "explorer.mouse = false\n")
    try terminal.explore(Self.run)
    #expect(try !terminal.mouseOn)
  }

  @Test func readsMouseReportsAndPastesWithoutTakingThemForKeys() throws {
    // On smaller screens the renderer is not named.
    let terminal = try TmuxSession(rows: 40)
    try terminal.explore(Self.run)
    try terminal.type("\u{1B}[<0;40;12M\u{1B}[<0;40;12m\u{1B}[<35;41;12M")
    try terminal.type("\u{1B}[200~qqq\u{1B}[201~")
    try terminal.send("s")
    try terminal.type("\u{1B}[200~777\u{1B}[201~")
    try terminal.send("Enter")
    // In the status line, not in the editor.
    let screen = try terminal.waitFor("seed 777    step 0/")
    // The M and the m at the ends of the reports would have released the mouse and changed the renderer.
    #expect(try terminal.mouseOn)
    #expect(screen.contains("half block"))
  }

  @Test func takesCommands() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    try terminal.type(":step 3")
    try terminal.waitFor(":step 3_")
    try terminal.send("Enter")
    try terminal.waitFor("step 3/4")
    try terminal.type(":steps 0")
    try terminal.send("Enter")
    try terminal.waitFor("1 to 1000")
    try terminal.send("Escape")
    try terminal.type(":quit")
    try terminal.send("Enter")
    try terminal.waitForShell()
  }

  @Test func obeysOtherKeys() throws {
    let terminal = try TmuxSession()
    try configure(
      terminal,
      """
      [keys]
      step-forward = ["f5", "shift-tab"]
      previous-run = []
      edit-seed = "ctrl-x"
      suspend = []

      """)
    try terminal.explore(Self.run)
    try terminal.send("F5")
    try terminal.waitFor("step 1/4")
    try terminal.send("BTab")
    try terminal.waitFor("step 2/4")
    try terminal.send("C-x")
    try terminal.waitFor("a whole number from -2^63")
  }

  @Test func resumesTheSession() throws {
    let terminal = try TmuxSession(rows: 40)
    try terminal.explore(Self.run)
    try terminal.send("Right", "Right", "t")
    try terminal.waitFor("step 2/4")
    try terminal.send("q")
    try terminal.waitForShell()
    try terminal.run("clear; \(TmuxSession.program)")
    let screen = try terminal.waitFor("step 2/4")
    #expect(screen.contains("seed 3") && screen.contains("light"))
    try terminal.send("q")
    try terminal.waitForShell()
    try terminal.explore("--steps 5")
    try terminal.send("q")
    try terminal.waitForShell()
    try terminal.explore("--no-session")
    #expect(try terminal.screen.contains("step 0/50"))
  }

  @Test func saysThatASessionIsDamagedAndStarts() throws {
    let terminal = try TmuxSession()
    let folder = terminal.folder + "/state/diffusion-tui"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try "{\"format\": 9}".write(toFile: folder + "/session.json", atomically: true, encoding: .utf8)
    try terminal.explore()
    try terminal.waitFor("the last session is not resumed")
    try terminal.send("q")
    try terminal.waitForShell()
    #expect(try String(contentsOfFile: folder + "/session.json", encoding: .utf8) == "{\"format\": 9}")
  }
}
