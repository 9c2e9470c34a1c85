import DiffusionCore
import DiffusionTUI
import Testing

/// The line below a grid that says what a cell is.
@Suite("The line about a cell of a sweep") struct SweepDetailTests {
  private static let prompt = "a very long prompt of a smiling face with large round glasses, painted in oil, at night"

  private func plan(_ prompt: String = prompt) throws -> SweepPlan {
    func values(_ values: SettingValue...) throws -> SweepValues { try SweepValues(.list(values)) }
    return try SweepPlan(
      constants: [:],
      axes: [
        [("prompt", values(.text(prompt)))], [("seed", values(.integer(3)))], [("scheduler", values(.text("euler")))],
      ])
  }

  @Test("long values give up their middles; every setting and the remark stay", arguments: [70, 78, 98, 118])
  func shortened(columns: Int) throws {
    let line = SweepDetail(0, of: try plan(), remark: "not done yet").text(columns: columns)
    #expect(line.columns <= columns && line.columns > columns - 3, "\(line)")
    #expect(line.hasPrefix("cell 0  prompt a ver") && line.contains("..."))
    #expect(line.hasSuffix(", seed 3, scheduler euler   not done yet"), "\(line)")
  }

  @Test("what fits stays as it is") func whole() throws {
    let plan = try plan("a face"), line = "cell 0  prompt a face, seed 3, scheduler euler"
    #expect(SweepDetail(0, of: plan, remark: nil).text(columns: 78) == line)
    #expect(SweepDetail(0, of: plan, remark: "not done yet").text(columns: 78) == line + "   not done yet")
  }

  @Test("a long remark is shortened after the values; a tiny line overflows nowhere") func remark() throws {
    let path = "/home/somebody/" + String(repeating: "studies/", count: 12) + "0004.png: no such file"
    let line = SweepDetail(0, of: try plan(), remark: path).text(columns: 78)
    #expect(line.columns <= 78 && line.contains("seed 3, scheduler euler   ") && line.hasSuffix("no such file"))
    for columns in -1...40 {
      #expect(SweepDetail(0, of: try plan(), remark: path).text(columns: columns).columns <= max(0, columns))
    }
  }

  @Test("stands below the grid", arguments: [80, 100]) func onTheScreen(columns: Int) throws {
    var engine = SmilingEngine(), state = Scenes.started(columns, 24, steps: 8, engine: &engine)
    let board = SweepBoard(
      SweepFolder(path: "faces", plan: try plan()), base: RunRequest(settings: RunSettings(threads: 1)))
    let effects = state.openSweep(board) + reduce(&state, .resize(state.size))
    engine.carryOut(effects, on: &state)
    let watch = try #require(state.sweep?.watch)
    _ = reduce(&state, .sweepFound(SweepFinding(number: watch.number)))
    let line = FrameText(view(state)).text.split(separator: "\n").first { $0.contains("cell 0  prompt") }
    #expect(line?.contains(", seed 3, scheduler euler   not done yet") == true, "\(line ?? "")")
  }
}
