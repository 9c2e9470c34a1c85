import DiffusionCore
import DiffusionTUI

/// States that tests start from.
enum Scenes {
  static let fullColor = TerminalCapabilities(colorTier: .trueColor, unicode: true, reason: "COLORTERM=truecolor")

  /// A screen whose first run has started.
  static func started(
    _ columns: Int = 80, _ rows: Int = 24, capabilities: TerminalCapabilities = fullColor, theme: String = "dark",
    steps: Int = 50, engine: inout SmilingEngine
  ) -> State {
    var state = State(
      size: Size(columns: columns, rows: rows), capabilities: capabilities,
      run: RunRequest(settings: RunSettings(seeds: [42], steps: steps, threads: 2)), themeName: theme)
    engine.carryOut(state.start(), on: &state)
    return state
  }

  /// The same, after some steps.
  static func after(
    _ taken: Int, _ columns: Int = 80, _ rows: Int = 24, capabilities: TerminalCapabilities = fullColor,
    theme: String = "dark", steps: Int = 50, engine: inout SmilingEngine
  ) -> State {
    var state = started(columns, rows, capabilities: capabilities, theme: theme, steps: steps, engine: &engine)
    for _ in 0..<taken { engine.press(.right, on: &state) }
    return state
  }
}
