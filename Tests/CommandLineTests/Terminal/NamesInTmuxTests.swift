import DiffusionTUI
import Foundation
import TestSupport
import Testing

/// Names in many scripts, and hostile ones, in a real terminal.
@Suite(.serialized, .enabled(if: TmuxSession.absence == nil, "tmux is not installed"))
struct NamesInTmuxTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func copy(as name: String) throws -> String {
    try FileManager.default.copyItem(atPath: Fixtures.folder + "/unet/two-levels", toPath: "\(folder.path)/\(name)")
    return name
  }

  /// The first column of a text in the screen's first row.
  private func column(of text: String, in screen: String) throws -> Int {
    let line = try #require(screen.split(separator: "\n", omittingEmptySubsequences: false).first)
    return try line[..<#require(line.range(of: text)).lowerBound].columns
  }

  @Test(
    "a model's name is drawn unchanged and shifts nothing",
    arguments: ["モデル", "نموذج", "cafe\u{301}", "\u{1F43C}\u{1F468}\u{200D}\u{1F467}\u{2764}\u{FE0F}"])
  func names(name: String) throws {
    let terminal = try TmuxSession(columns: 100, rows: 30)
    try terminal.run("cd '\(folder.path)'")
    try terminal.explore("'\(copy(as: name))' --seed 3 --steps 2")
    let first = try terminal.screen
    let shown = name.flatMap(TextMeasure.system.glyphs).map { String($0.character) }.joined()
    #expect(try column(of: shown, in: first) == 1)
    let tabs = try column(of: "x_t", in: first)
    try terminal.send("O")
    #expect(try column(of: "x_t", in: terminal.waitFor("model \(shown)")) == tabs)
    try terminal.send("BSpace")
    try terminal.wait(for: "a shorter name") { !$0.contains("model \(shown)") }
    try terminal.send("Escape")
    try terminal.send("q")
    try terminal.waitForShell()
  }

  @Test("without UTF-8, each column of a name is a question mark") func ascii() throws {
    let terminal = try TmuxSession(columns: 100, rows: 30)
    try terminal.run("cd '\(folder.path)'")
    let name = try copy(as: "モデル")
    try terminal.explore("\(name) --seed 3 --steps 2", environment: "LC_ALL=C")
    let screen = try terminal.screen
    #expect(try column(of: "??????  ", in: screen) == 1)
    try terminal.send("q")
    try terminal.waitForShell()
    let program = TmuxSession.program
    try terminal.run("clear; LC_ALL=C \(program) inspect \(name) >out; LC_ALL=C \(program) generate \(name)/x")
    let printed = try terminal.waitFor("no such folder")
    #expect(printed.contains("??????/x"), "\(printed)")
    #expect(try String(contentsOfFile: "\(folder.path)/out", encoding: .utf8).contains("モデル"))
  }

  @Test("a hostile name does not take over the terminal") func hostile() throws {
    let terminal = try TmuxSession(columns: 100, rows: 30)
    let modes = try terminal.sttyState
    let name = "x\u{1B}]2;owned\u{7}\u{1B}[8;5;5t\u{1B}[?1049h\u{9B}31m\u{202E}"
    let path = "\(folder.path)/\(name)"
    try FileManager.default.copyItem(atPath: Fixtures.folder + "/unet/two-levels", toPath: path)
    try "exec \(TmuxSession.program) \"$@\" '\(path)' --seed 3 --steps 2".write(
      toFile: folder.path + "/start", atomically: true, encoding: .utf8)
    try terminal.run("clear; sh \(folder.path)/start generate")
    try terminal.waitFor("np.abs")
    try terminal.run("clear; sh \(folder.path)/start explore")
    try terminal.wait(for: "a run at its noise") { $0.contains("step 0/2") && $0.contains("paused") }
    #expect(try terminal.title != "owned")
    try terminal.send("q")
    try terminal.waitForShell()
    #expect(try terminal.leftovers(since: modes) == [])
    #expect(try terminal.title != "owned")
  }
}
