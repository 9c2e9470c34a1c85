import Foundation
import Glibc
import TestSupport
import Testing

/// What the real program keeps in a real terminal: files, command lines and sessions.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct KeepInTmuxTests {
  private static let run = "--seed 3 --steps 4"

  private func session(_ terminal: TmuxSession) throws -> String {
    try String(contentsOfFile: terminal.folder + "/state/diffusion-tui/session.json", encoding: .utf8)
  }

  @Test func writesFilesIntoTheCurrentFolder() throws {
    let terminal = try TmuxSession()
    let folder = try TemporaryFolder()
    try terminal.run("cd \(folder.path)")
    try terminal.explore(Self.run)
    try terminal.send("x")
    try terminal.waitFor("contact sheet")
    try terminal.send("r")
    try terminal.waitFor("0 of 4 steps")
    try terminal.send("Escape", "End")
    try terminal.waitFor("step 4/4")
    try terminal.send("x", "r")
    try terminal.waitFor("seed3-steps4-receipt.json")
    try terminal.send("Enter")
    try terminal.waitFor("wrote")
    try terminal.send("x", "r", "Enter")
    // The path is broken at the end of the line.
    try terminal.waitFor("-2.json")
    #expect(try folder.contents == ["seed3-steps4-receipt-2.json", "seed3-steps4-receipt.json"])
    #expect(try folder.bytes("seed3-steps4-receipt.json") == folder.bytes("seed3-steps4-receipt-2.json"))
    #expect(try Program.run(["verify", folder.path + "/seed3-steps4-receipt.json"]).status == 0)
  }

  @Test func keepsTheReceiptOfTheRunInFocus() throws {
    let terminal = try TmuxSession()
    let folder = try TemporaryFolder()
    let receipt = folder.path + "/run.json"
    try terminal.run("cd \(folder.path)")
    try terminal.explore(Self.run + " --receipt run.json")
    #expect(try folder.contents == [])
    try terminal.send("End")
    try terminal.waitFor("wrote")
    #expect(try folder.contents == ["run.json"])
    #expect(try Program.run(["verify", receipt]).status == 0)
    let first = try folder.bytes("run.json")
    try terminal.send("c")
    try terminal.wait(for: "the receipt of seed 4") { _ in try folder.bytes("run.json") != first }
    #expect(try folder.contents == ["run.json"])
    #expect(try Program.run(["verify", receipt]).status == 0)
    // Changing a setting of the focused run makes another run, whose receipt is written when it is done.
    try terminal.send("s", "C-u", "5", "Enter")
    try terminal.wait(for: "the receipt of seed 5") { _ in
      try String(contentsOfFile: receipt, encoding: .utf8).contains("\"seeds\" : [\n      5\n")
    }
    try terminal.send("q")
    try terminal.waitForShell()
    #expect(try folder.contents == ["run.json"])
    #expect(try Program.run(["verify", receipt]).status == 0)
  }

  @Test func saysAtTheEndThatThereIsNoReceipt() throws {
    let terminal = try TmuxSession()
    let folder = try TemporaryFolder()
    try terminal.run("cd \(folder.path)")
    try terminal.explore(Self.run + " --receipt run.json")
    try terminal.send("Right")
    try terminal.waitFor("step 1/4")
    try terminal.send("q")
    try terminal.waitForShell()
    try terminal.waitFor("run.json is not written: a receipt is of a finished run")
    #expect(try folder.contents == [])
  }

  @Test func showsTheCommandLine() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    try terminal.send("y")
    try terminal.waitFor("diffusion-tui generate --seed 3 --steps 4 # sent to the terminal")
  }

  @Test(arguments: [SIGTERM, SIGHUP]) func savesTheSessionWhenItIsEnded(signal: Int32) throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    try terminal.send("Right", "Right")
    try terminal.waitFor("step 2/4")
    try terminal.signal(signal)
    try terminal.waitForShell()
    #expect(!terminal.isRunning)
    try terminal.run("clear; \(TmuxSession.program)")
    try terminal.waitFor("step 2/4")
  }

  @Test func aKillDuringTheWriteLeavesThePreviousSession() throws {
    let terminal = try TmuxSession()
    let folder = terminal.folder + "/state/diffusion-tui"
    try terminal.explore(Self.run)
    try terminal.send("q")
    try terminal.waitForShell()
    // Sessions of other models that take a while to write.
    try inflate(folder + "/session.json")
    let before = try session(terminal)
    var isCaught = false
    for _ in 0..<20 where !isCaught {
      try before.write(toFile: folder + "/session.json", atomically: true, encoding: .utf8)
      try terminal.explore("--seed 4 --steps 4" + Self.tidy)
      try terminal.send("Right")
      // Killed as soon as the temporary file is seen.
      while try names(folder).count < 2, try session(terminal) == before { usleep(100) }
      try kill(terminal)
      isCaught = try names(folder).count == 2
      if isCaught { #expect(try session(terminal) == before) }
    }
    #expect(isCaught)
    // The next session that is saved removes the leftovers.
    try terminal.explore("--seed 5 --steps 4")
    try terminal.send("q")
    try terminal.waitForShell()
    #expect(try names(folder) == ["session.json"])
  }

  @Test func aKillForgetsSecondsAtMost() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run + Self.tidy)
    try terminal.send("Right", "Right")
    try terminal.waitFor("step 2/4")
    try terminal.wait(for: "the saved session") { _ in
      ((try? session(terminal)) ?? "").contains("\"position\" : 2")
    }
    try kill(terminal)
    try terminal.run("clear; \(TmuxSession.program)")
    try terminal.waitFor("step 2/4")
  }

  /// What the shell does after the program: one that was killed leaves the terminal in its modes.
  private static let tidy = "; stty sane; printf '\\033[?1049l\\033[?1002l'; clear"

  private func kill(_ terminal: TmuxSession) throws {
    try terminal.signal(SIGKILL)
    // Until then, Enter does not end a line.
    try terminal.wait(for: "the prompt") { $0.hasPrefix(">") }
    try terminal.waitForShell()
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  /// Adds sessions of models with very long names.
  private func inflate(_ path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var file = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let own = try #require((file["sessions"] as? [[String: Any]])?.first)
    let others = (0..<8).map { number in
      own.merging(["model": "\(number)" + String(repeating: "x", count: 1 << 20)]) { $1 }
    }
    file["sessions"] = [own] + others
    try JSONSerialization.data(withJSONObject: file).write(to: URL(fileURLWithPath: path))
  }
}
