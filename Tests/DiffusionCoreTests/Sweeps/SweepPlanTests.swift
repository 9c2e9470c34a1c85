import DiffusionCore
import Testing

/// The grid of a sweep: its cells, their runs, and what is refused.
@Suite struct SweepPlanTests {
  private let base = RunRequest(settings: RunSettings(threads: 3))

  private func plan(
    _ constants: [String: SettingValue] = [:], _ axes: [(key: String, values: SweepValues)]...
  ) throws -> SweepPlan {
    try SweepPlan(constants: constants, axes: axes)
  }

  private func message(_ work: () throws -> some Any) -> String {
    do {
      _ = try work()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("the last axis varies fastest, and places and cells belong to each other")
  func order() throws {
    let grid = try plan(
      [:], [("seed", SweepValues(.text("5-6")))], [("steps", .list([2, 3, 4].map { .integer($0) }))])
    #expect(grid.count == 6)
    #expect(grid.cells.map(grid.title(of:))[3...4] == ["seed 6, steps 2", "seed 6, steps 3"])
    for cell in grid.cells { #expect(grid.cell(at: grid.places(of: cell)) == cell) }
    let run = try grid.request(of: 4, base: base)
    #expect(run.settings.seeds == [6] && run.settings.steps == 3 && run.settings.threads == 3)
    #expect(run.model == .demo)
  }

  @Test("settings of one axis vary together, and a prompt means the model that takes one")
  func together() throws {
    let grid = try plan(
      ["seed": .integer(4)],
      [
        ("steps", SweepValues(.text("10-11"))), ("prompt", .list([.text("a face"), .text("a heart")])),
      ])
    #expect(grid.count == 2)
    let run = try grid.request(of: 1, base: base)
    #expect(run.settings.prompts == ["a heart"] && run.settings.steps == 11 && run.model == .promptDemo)
    #expect(grid.title(of: 0) == "prompt a face, steps 10")
  }

  @Test(
    "decimals of a range are those that people write",
    arguments: [
      (["from": .integer(0), "to": .integer(1), "step": .number(0.1)], "0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1"),
      (["from": .number(0.25), "to": .number(0.75), "step": .number(0.25)], "0.25,0.5,0.75"),
      (["from": .integer(-2), "to": .integer(2), "step": .integer(2)], "-2,0,2"),
    ] as [([String: SettingValue], String)])
  func decimals(table: [String: SettingValue], values: String) throws {
    let grid = try plan([:], [("eta", SweepValues(.table(table)))])
    #expect(grid.axes[0].values[0].map(\.text).joined(separator: ",") == values)
  }

  @Test(
    "what is no range is refused",
    arguments: [
      SettingValue.text("9-0"), .text("1"), .text("a-b"), .integer(3), .list([]), .table(["from": .integer(0)]),
      .table(["from": .integer(0), "to": .integer(1), "step": .number(0.3)]),
      .table(["from": .integer(0), "to": .integer(1), "step": .integer(0)]),
      .table(["from": .integer(0), "to": .number(.infinity)]),
      .table(["from": .number(1e300), "to": .number(1.5e300), "step": .number(1e299)]),
    ])
  func noRange(value: SettingValue) {
    #expect(message { try SweepValues(value) }.contains("expected"))
  }

  @Test("a plan of 10^12 cells is refused with the count, and makes none of them")
  func hostile() throws {
    let million = try SweepValues(.text("0-999999"))
    let found = message { try plan([:], [("seed", million)], [("steps", million)]) }
    #expect(
      found.hasPrefix("the grid has 1000000000000 cells (seed 1000000 x steps 1000000): expected at most 1000000"))
    let huge = try SweepValues(.text("0-36893488147419103230"))
    let axes = [("seed", huge)] as [(key: String, values: SweepValues)]
    #expect(message { try plan([:], axes, axes, axes) }.contains("more than 10^38 cells"))
  }

  @Test("wrong keys and values are named")
  func faults() throws {
    let two = try SweepValues(.text("1-2"))
    #expect(message { try plan(["stepps": .integer(1)]) }.hasPrefix("stepps is unknown: did you mean steps? "))
    #expect(message { try plan(["seed": .integer(1)], [("seeds", two)]) } == "seed and seeds exclude each other")
    #expect(message { try plan([:], [("steps", two)], [("steps", two)]) } == "steps is given twice")
    let three = try SweepValues(.text("1-3"))
    #expect(
      message { try plan([:], [("eta", two), ("steps", three)]) }.hasPrefix("settings of one axis vary together"))
    let wrong = try plan([:], [("eta", .list([.integer(0), .integer(2)]))])
    #expect(
      message { try wrong.request(of: 1, base: base) }
        == "cell 1 (eta 2): eta is 2: expected a decimal from 0 to 1")
  }

  @Test("a plan reads back from its file, and says what differs from another")
  func file() throws {
    let seeds = try SweepValues(.list([.integer(0), .integer(18_446_744_073_709_551_615)]))
    let one = try plan(["eta": .number(0.5), "scheduler_options": .table(["a": .bool(true)])], [("seed", seeds)])
    #expect(try SweepPlan(json: one.json(), source: "plan.json") == one)
    #expect(one.difference(from: one) == nil)
    let other = try plan(["eta": .number(0.25)], [("seed", seeds)])
    #expect(other.difference(from: one) == "eta was 0.5, is 0.25")
    let longer = try plan(["eta": .number(0.25)], [("seed", SweepValues(.text("0-2")))])
    #expect(longer.difference(from: other) == "seed had 2 values, has 3")
    let changed = try plan(["eta": .number(0.25)], [("seed", SweepValues(.text("0-1")))])
    #expect(changed.difference(from: other) == "value 2 of seed was 18446744073709551615, is 1")
    let turned = try plan(["eta": .number(0.25)], [("steps", SweepValues(.text("1-2")))])
    #expect(turned.difference(from: other) == "the axes were seed, are steps")
  }

  @Test("a plan of more values than other JSON may have reads back")
  func manyTexts() throws {
    let prompts = try SweepValues(.list((0..<400_000).map { .text("cat \($0)") }))
    let plan = try plan([:], [("prompt", prompts)])
    #expect(try SweepPlan(json: plan.json(), source: "plan.json") == plan)
  }

  @Test(
    "damaged plans are refused by name",
    arguments: [
      ("[]", "plan.json: "), ("{\"kind\": \"x\", \"format\": 1}", "kind 'x' of format 1"),
      (
        "{\"kind\": \"diffusion-tui sweep\", \"format\": 1, \"constants\": {}, \"axes\": [{\"keys\": [\"seed\"], "
          + "\"values\": []}], \"output\": {\"images\": true, \"statistics\": false}}", "an axis needs values"
      ),
    ])
  func damage(text: String, part: String) {
    let found = message { try SweepPlan(json: Array(text.utf8), source: "plan.json") }
    #expect(found.hasPrefix("plan.json: ") && found.contains(part), "\(found)")
  }

  @Test("any axis can stand across, the others down")
  func arrangement() throws {
    let grid = try plan(
      [:], [("seed", SweepValues(.text("0-2")))], [("eta", .list([.integer(0), .integer(1)]))],
      [("steps", SweepValues(.text("5-8")))])
    for across in grid.axes.indices {
      let table = SweepGrid(grid, across: across)
      #expect(table.rows * table.columns == grid.count)
      var cells: Set<Int> = []
      for row in 0..<table.rows {
        for column in 0..<table.columns {
          let cell = table.cell(row: row, column: column)
          cells.insert(cell)
          #expect(table.place(of: cell) == (row, column))
        }
      }
      #expect(cells.count == grid.count)
    }
    let table = try SweepGrid(grid, across: "eta")
    #expect(table.acrossName == "eta" && table.downName == "seed x steps")
    #expect(table.columnLabel(1) == "1" && table.rowLabel(5) == "1, 6")
    #expect(message { try SweepGrid(grid, across: "class-label") }.contains("expected one of seed, eta, steps"))
  }
}
