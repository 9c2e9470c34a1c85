import DiffusionCore
import DiffusionTUI

/// States with several runs side by side.
extension Scenes {
  /// A screen whose runs have started, one for each set of settings.
  static func comparing(
    _ runs: [RunSettings], _ columns: Int = 120, _ rows: Int = 40, capabilities: TerminalCapabilities = fullColor,
    engine: inout SmilingEngine
  ) -> State {
    comparing(
      runs.map { RunRequest(settings: $0) }, columns, rows, capabilities: capabilities, engine: &engine)
  }

  /// A screen whose runs have started, each with its own model.
  static func comparing(
    _ runs: [RunRequest], _ columns: Int = 120, _ rows: Int = 40, capabilities: TerminalCapabilities = fullColor,
    engine: inout SmilingEngine
  ) -> State {
    var state = State(
      size: Size(columns: columns, rows: rows), capabilities: capabilities, run: runs[0],
      others: Array(runs.dropFirst()), themeName: "dark")
    engine.carryOut(state.start(), on: &state)
    return state
  }

  /// The same, with one run for each seed.
  static func comparing(
    seeds: [Seed], steps: Int = 8, _ columns: Int = 120, _ rows: Int = 40, engine: inout SmilingEngine
  ) -> State {
    let runs = seeds.map { RunSettings(seeds: [$0], steps: steps, threads: 2) }
    return comparing(runs, columns, rows, engine: &engine)
  }
}

extension State {
  /// The step each pane is at.
  var positions: [Int] { panes.map(\.position) }
}
