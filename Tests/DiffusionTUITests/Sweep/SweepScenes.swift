import DiffusionCore
import DiffusionTUI

/// Sweeps whose cells are faces, without files.
enum SweepScenes {
  /// A board of some seeds down and guidance scales across.
  static func board(_ rows: Int, _ columns: Int) -> SweepBoard {
    let seeds = SettingValue.list((0..<rows).map { .integer(Int128($0)) })
    let etas = SettingValue.list((0..<columns).map { SettingValue(number: Double($0) / 100) })
    guard let down = try? SweepValues(seeds), let across = try? SweepValues(etas),
      let plan = try? SweepPlan(constants: ["steps": .integer(8)], axes: [[("seed", down)], [("eta", across)]])
    else { preconditionFailure("a plan of the tests is wrong") }
    return SweepBoard(SweepFolder(path: "faces", plan: plan), base: RunRequest(settings: RunSettings(threads: 1)))
  }

  /// Opens a board over the runs.
  static func open(_ rows: Int = 4, _ columns: Int = 4, on state: inout State, engine: inout SmilingEngine) {
    let effects = state.openSweep(board(rows, columns)) + reduce(&state, .resize(state.size))
    engine.carryOut(effects, on: &state)
  }

  /// Two of three cells are there; one image cannot be read.
  static func finding(_ watch: SweepWatch) -> SweepFinding {
    var finding = SweepFinding(number: watch.number)
    finding.finished = Set(watch.folder.plan.cells.filter { $0 % 3 != 2 })
    for cell in watch.cells where finding.finished.contains(cell) {
      if cell == 4 {
        finding.failures[cell] = "faces/cells/00/0004.png: no such file"
      } else {
        finding.pictures[cell] = picture(cell)
      }
    }
    return finding
  }

  private static func picture(_ cell: Int) -> Picture {
    let pixels = (0..<32 * 32).map { place -> RGB in
      let (row, column) = (place / 32, place % 32)
      let isFace = (row - 16) * (row - 16) + (column - 16) * (column - 16) < 200
      return isFace ? RGB(UInt8(clamping: 80 + cell % 12 * 14), 200, UInt8(clamping: row * 7)) : RGB(255, 255, 255)
    }
    return Picture(columns: 32, rows: 32, pixels: pixels)
  }
}
