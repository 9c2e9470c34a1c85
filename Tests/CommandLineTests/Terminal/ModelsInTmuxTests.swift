import Foundation
import TestSupport
import Testing

/// Runs of two models in a real terminal, started by hand, and resumed.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct ModelsInTmuxTests {
  @Test func aSessionComesBackWithItsModels() throws {
    let terminal = try TmuxSession()
    let folder = try TemporaryFolder(), model = folder.path + "/tiny-model"
    try FileManager.default.copyItem(atPath: Fixtures.folder + "/unet/two-levels", toPath: model)
    try terminal.explore("--seed 3 --steps 4")
    try terminal.send("c")
    try terminal.waitFor("2  seed 4")
    try terminal.send("O")
    try terminal.waitFor("model ddpm-emoji-32")
    for character in model { try terminal.send(String(character)) }
    try terminal.send("Enter")
    try terminal.waitFor("2  seed 4  tiny-model")
    try terminal.send("Right")
    try terminal.waitFor("step 1/4")
    try terminal.waitFor("cannot compare 3x8x8 with 3x32x32")
    try terminal.send("q")
    try terminal.waitForShell()
    try terminal.run("clear; \(TmuxSession.program)")
    try terminal.waitFor("2  seed 4  tiny-model")
    try terminal.waitFor("step 1/4")
    try terminal.send("q")
    try terminal.waitForShell()
    try FileManager.default.removeItem(atPath: model)
    try terminal.run("clear; \(TmuxSession.program)")
    // The message is broken at the end of the line, in the middle of a long path.
    try terminal.waitFor("no run")
    try terminal.send("1")
    try terminal.waitFor("step 1/4")
  }
}
