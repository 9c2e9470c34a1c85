import Foundation
import Glibc
import TestSupport
import Testing

/// What the real program keeps in a real terminal: files, command lines and where one was.
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
    // The path is broken where the line ends.
    try terminal.waitFor("-2.json")
    #expect(try folder.contents == ["seed3-steps4-receipt-2.json", "seed3-steps4-receipt.json"])
    #expect(try folder.bytes("seed3-steps4-receipt.json") == folder.bytes("seed3-steps4-receipt-2.json"))
    #expect(try Program.run(["verify", folder.path + "/seed3-steps4-receipt.json"]).status == 0)
  }

  @Test func showsTheCommandLine() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    try terminal.send("y")
    try terminal.waitFor("diffusion-tui generate --seed 3 --steps 4 # copied")
  }

  @Test(arguments: [SIGTERM, SIGHUP]) func remembersWhereItWasWhenItIsEnded(signal: Int32) throws {
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

  @Test func aKillWhileTheSessionIsWrittenLeavesTheOneBefore() throws {
    let terminal = try TmuxSession()
    try terminal.explore(Self.run)
    try terminal.send("q")
    try terminal.waitForShell()
    let before = try session(terminal)
    // The first byte that is written to any file ends the program, as kill -9 at that moment would.
    try terminal.run("ulimit -c 0; ulimit -f 0")
    try terminal.explore("--seed 4 --steps 4")
    try terminal.send("q")
    try terminal.waitForShell()
    #expect(try session(terminal) == before)
  }
}
