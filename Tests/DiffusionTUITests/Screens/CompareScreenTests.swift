import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

@Suite("Screens of several runs") struct CompareScreenTests {
  static let sizes: [(Int, Int)] = [(20, 5), (80, 24), (120, 40), (200, 60)]
  var engine = SmilingEngine()

  /// A run, the same on another device, one with another number of steps, and other seeds; two steps taken.
  private mutating func state(panes: Int, keys: Key...) -> State {
    var runs = (0..<panes).map { RunSettings(seeds: [Seed($0)], steps: 8, threads: 2) }
    runs[1].seeds = [0]
    runs[1].device = .cpuReference
    if panes > 2 { runs[2].steps = 16 }
    var state = Scenes.comparing(runs, engine: &engine)
    for key in [.right, .right] + keys { engine.press(key, on: &state) }
    return state
  }

  private func check(_ state: State, _ name: String) throws {
    try Golden.check(view(state), "compare-\(name)", tier: state.capabilities.colorTier)
  }

  @Test("every size", arguments: [2, 4, 8]) mutating func sizes(panes: Int) throws {
    var state = state(panes: panes, keys: .character("\(min(3, panes))".first ?? "2"))
    for (columns, rows) in Self.sizes {
      _ = reduce(&state, .resize(Size(columns: columns, rows: rows)))
      try check(state, "\(panes)-\(columns)x\(rows)")
    }
  }

  @Test("differences, linked by timestep, against the second run") mutating func differences() throws {
    let state = state(panes: 4, keys: .tab, .character("="), .character("u"), .character("D"), .character("3"))
    try check(state, "differences")
  }

  @Test("in ASCII without colours") mutating func ascii() throws {
    let capabilities = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "test")
    let state = state(panes: 2)
    let frame = view(state, size: state.size, capabilities: capabilities, theme: state.theme)
    #expect(frame.cells.allSatisfy { $0.character.isASCII })
    try Golden.check(frame, "compare-ascii", tier: .mono)
  }

  @Test("a failed run says why in its pane") mutating func failed() throws {
    var state = state(panes: 2)
    engine.failing = [2]
    engine.press(.right, .character("v"), on: &state)
    #expect(FrameText(view(state)).text.contains("out of memory"))
  }

  @Test("runs on several devices, or with other threads, have their time a step", arguments: [(80, 24), (120, 40)])
  mutating func times(columns: Int, rows: Int) {
    var device = RunSettings(seeds: [1], steps: 8, threads: 2), threads = device
    (device.device, threads.threads) = (.cpuReference, 1)
    for (other, count) in [(device, 2), (threads, 2), (RunSettings(seeds: [2], steps: 8, threads: 2), 0)] {
      var state = Scenes.comparing(
        [RunSettings(seeds: [1], steps: 8, threads: 2), other], columns, rows, engine: &engine)
      #expect(!FrameText(view(state)).text.contains("a step"), "no step is taken yet")
      engine.press(.right, .right, on: &state)
      let text = FrameText(view(state)).text
      #expect(text.components(separatedBy: "31 ms a step").count == count + 1, "\(text)")
      #expect(count == 0 || text.contains("same bits"))
    }
  }

  @Test("equal runs say so, with the hash", arguments: [(80, 24), (120, 40), (200, 60)])
  mutating func sameBits(columns: Int, rows: Int) throws {
    var state = state(panes: 2)
    _ = reduce(&state, .resize(Size(columns: columns, rows: rows)))
    let hash = try #require(state.run?.statistics(.sample, at: state.position)).sha256
    #expect(FrameText(view(state)).text.contains("same bits \(hash.prefix(8))"))
  }

  @Test(
    "the difference of equal runs is a word, not a white picture",
    arguments: [(40, 12), (80, 24), (120, 40), (200, 60)],
    [2, 8])
  mutating func equalDifference(size: (columns: Int, rows: Int), panes: Int) throws {
    var state = state(panes: panes, keys: .character("D"), .character("2"))
    _ = reduce(&state, .resize(Size(columns: size.columns, rows: size.rows)))
    let frame = view(state)
    #expect(FrameText(frame).text.contains("equal"))
    let grid = try #require(Layout(state).grid)
    let own = try #require(grid.places.first { $0.pane == 1 }).part
    let white = DivergingColorMap(tier: .trueColor).color(0)
    for row in own.row..<own.endRow {
      for column in own.column..<own.endColumn { #expect(frame[column, row].style.foreground != white) }
    }
  }

  @Test("the step at which two runs differ is shown even if there is little room", arguments: [2, 4], [true, false])
  mutating func divergence(panes: Int, isPresented: Bool) throws {
    var runs = (0..<panes).map { _ in RunSettings(seeds: [0], steps: 8, threads: 2) }
    runs[panes - 1].steps = 16
    var state = Scenes.comparing(runs, 80, 24, engine: &engine)
    if isPresented { state.present() }
    engine.press(.right, .right, on: &state)
    #expect(FrameText(view(state)).text.contains("differs at step 1"))
  }

  @Test("the focused run is on the screen at every size", arguments: 1...8) mutating func always(panes: Int) {
    let seeds = (0..<panes).map { Seed(100 + $0) }
    var state = Scenes.comparing(seeds: seeds, engine: &engine)
    for focus in 0..<panes {
      engine.press(.character("\(focus + 1)".first ?? "1"), on: &state)
      for columns in stride(from: 20, to: 210, by: 19) {
        for rows in stride(from: 5, to: 64, by: 6) {
          _ = reduce(&state, .resize(Size(columns: columns, rows: rows)))
          #expect(FrameText(view(state)).text.contains("seed \(100 + focus)"), "\(columns)x\(rows)")
        }
      }
    }
  }
}
