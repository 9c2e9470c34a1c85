import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("The export menu") struct ExportMenuTests {
  /// The exports that keys ask for.
  private func exports(_ keys: [Key], on state: inout State) -> [ExplorerExport] {
    keys.flatMap { reduce(&state, .key($0)) }.compactMap { effect in
      if case .export(_, let export) = effect { return export }
      return nil
    }
  }

  private func finished() -> State {
    var engine = SmilingEngine()
    return Scenes.after(4, steps: 4, engine: &engine)
  }

  @Test("each kind has a letter, and a file name that identifies the run", arguments: ExportKind.allCases)
  func proposals(kind: ExportKind) throws {
    var state = finished()
    let written = exports([.character("x"), .character(kind.letter), .enter], on: &state)
    let export = try #require(written.first)
    #expect(written.count == 1)
    #expect(export.kind == kind)
    #expect(export.path.hasPrefix("seed42-steps4-"))
    #expect(kind.endings.contains { export.path.hasSuffix($0) })
    #expect(export.collision == .number)
  }

  @Test("no two kinds share a letter or a name")
  func distinct() {
    #expect(Set(ExportKind.allCases.map(\.letter)).count == ExportKind.allCases.count)
    #expect(Set(ExportKind.allCases.map { finished().proposedName(of: $0) }).count == ExportKind.allCases.count)
  }

  @Test("the arrows choose too, and Esc closes one thing at a time")
  func arrows() {
    var state = finished()
    #expect(exports([.character("x"), .up, .down, .down, .enter], on: &state).isEmpty)
    #expect(state.exportMenu?.naming?.kind == .png)
    _ = reduce(&state, .key(.escape))
    #expect(state.exportMenu != nil && state.exportMenu?.naming == nil)
    _ = reduce(&state, .key(.escape))
    #expect(state.exportMenu == nil)
  }

  @Test("an existing file is replaced only after a second Enter")
  func collision() throws {
    var state = finished()
    let typed = [Key.character("x"), .character("n"), .control("u")] + "a.npy".map { .character($0) } + [.enter]
    #expect(exports(typed, on: &state).first?.collision == .refuse)
    _ = reduce(&state, .exportEnded(number: 1, .exists("/f/a.npy")))
    #expect(FrameText(view(state)).text.contains("a.npy is there already: Enter replaces it"))
    let again = exports([.enter], on: &state)
    #expect(again.map(\.path) == ["a.npy"])
    #expect(again.first?.collision == .replace)
    _ = reduce(&state, .exportEnded(number: 2, .written("/f/a.npy")))
    #expect(state.exportMenu == nil)
    #expect(FrameText(view(state)).text.contains("wrote /f/a.npy"))
  }

  @Test("the reason for a failure is shown by the name, and another name can be typed")
  func refused() {
    var state = finished()
    _ = exports([.character("x"), .character("p"), .enter], on: &state)
    _ = reduce(&state, .exportEnded(number: 1, .failed("x.png: no space")))
    #expect(FrameText(view(state)).text.contains("x.png: no space"))
    #expect(exports([.backspace, .character("g"), .enter], on: &state).count == 1)
  }

  @Test(
    "a file that ends leaves a menu alone that is open for another",
    arguments: [ExportResult.written("/f/a.csv"), .failed("a.csv: no space"), .exists("/f/a.csv")])
  func another(result: ExportResult) {
    var state = finished()
    _ = exports([.character(":")] + "export csv a.csv".map { .character($0) } + [.enter], on: &state)
    _ = exports([.character("x"), .character("p")], on: &state)
    let menu = state.exportMenu
    #expect(menu?.naming != nil)
    _ = reduce(&state, .exportEnded(number: 1, result))
    #expect(state.exportMenu == menu)
    #expect((state.notice ?? state.news)?.contains("a.csv") == true)
  }

  @Test("a receipt needs a finished run")
  func unfinished() {
    var engine = SmilingEngine()
    var state = Scenes.after(3, steps: 4, engine: &engine)
    #expect(exports([.character("x"), .character("r")], on: &state).isEmpty)
    #expect(state.exportMenu == nil)
    #expect(state.notice?.contains("3 of 4 steps: press End to finish it first") == true)
  }

  @Test("these kinds are refused before the first step", arguments: [ExportKind.sheet, .animation, .csv, .receipt])
  func noSteps(kind: ExportKind) {
    var engine = SmilingEngine()
    var state = Scenes.started(steps: 4, engine: &engine)
    #expect(exports([.character("x"), .character(kind.letter)], on: &state).isEmpty)
    #expect(state.notice != nil)
  }

  @Test("Esc stops writing a file, and late answers are dropped")
  func cancelling() {
    var state = finished()
    _ = exports([.character("x"), .character("a"), .enter], on: &state)
    #expect(state.isBusy)
    #expect(FrameText(view(state)).text.contains("Esc stops it"))
    #expect(reduce(&state, .key(.escape)) == [.cancelExport(number: 1)])
    #expect(!state.isBusy)
    _ = reduce(&state, .exportEnded(number: 1, .written("/f/a.png")))
    #expect(state.news == nil)
  }

  @Test("quitting while a file is being written takes two presses, except for Ctrl-C")
  func quitting() throws {
    var state = finished()
    _ = try reduce(&state, CommandParser(CommandContext(state)).parse("export animation a.png"))
    var hurried = state
    #expect(reduce(&state, .key(.character("q"))) == [])
    #expect(state.notice?.contains("quit again") == true)
    #expect(reduce(&state, .key(.character("q"))) == [.quit])
    #expect(reduce(&hurried, .key(.control("c"))) == [.quit])
  }

  @Test("the palette writes files too, with or without a name", arguments: ["", " my file.json"])
  func palette(name: String) throws {
    var state = finished()
    let request = try CommandParser(CommandContext(state)).parse("export receipt\(name)")
    guard case .export(_, let export) = reduce(&state, request).first else {
      Issue.record("nothing is written")
      return
    }
    #expect(export.path == (name.isEmpty ? "seed42-steps4-receipt.json" : "my file.json"))
    #expect(export.collision == (name.isEmpty ? .number : .refuse))
  }

  @Test("a screen is written without the menu over it")
  func screen() {
    var state = finished()
    let before = view(state)
    let export = exports([.character("x"), .character("v"), .enter], on: &state).first
    #expect(export?.content == .frame(before, .trueColor))
  }

  @Test("fits on every screen", arguments: [(80, 24), (40, 12), (20, 5), (12, 3), (1, 1)])
  func sizes(columns: Int, rows: Int) {
    var engine = SmilingEngine()
    var state = Scenes.after(4, columns, rows, steps: 4, engine: &engine)
    for keys in [[Key.character("x")], [.end], [.enter]] {
      _ = exports(keys, on: &state)
      #expect(view(state).size == Size(columns: columns, rows: rows))
    }
  }

  @Test("y shows the command line of the run, and whether it was copied")
  func commandLine() {
    var engine = SmilingEngine()
    var state = Scenes.started(steps: 4, engine: &engine)
    engine.press(.character("y"), on: &state)
    #expect(state.news == "seed 42, 4 steps # sent to the terminal")
    _ = reduce(&state, .commandLine("line", isCopied: false))
    #expect(state.news == "line # not copied: too long for a terminal")
    _ = reduce(&state, .key(.right))
    #expect(state.news == nil)
  }
}
