import DiffusionCore
import DiffusionTUI
import Testing

/// The grid of a sweep in the explorer.
@Suite("The grid of a sweep") struct SweepBoardTests {
  private var engine = SmilingEngine()

  private mutating func opened(_ rows: Int = 4, _ columns: Int = 4, _ size: Size = Size(columns: 120, rows: 40))
    -> State
  {
    var state = Scenes.started(size.columns, size.rows, steps: 8, engine: &engine)
    SweepScenes.open(rows, columns, on: &state, engine: &engine)
    return state
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  private static let grids = [(4, 4), (8, 8), (30, 40)]
  private static let sizes = [(80, 24), (120, 40), (200, 60)].map { Size(columns: $0, rows: $1) }

  @Test("matches its golden files", arguments: grids, sizes) mutating func golden(grid: (Int, Int), size: Size) throws {
    var state = opened(grid.0, grid.1, size)
    engine.press(.right, .down, on: &state)
    let name = "sweep-\(grid.0)x\(grid.1)-\(size.columns)x\(size.rows)"
    try Golden.check(view(state), name, tier: .trueColor)
  }

  @Test("shows all of a small grid at once, and pages through a large one") mutating func pages() throws {
    let small = try #require(SweepLayout(opened(8, 8)))
    #expect(small.rows == 0..<8 && small.columns == 0..<8)
    var state = opened(30, 40, Size(columns: 80, rows: 24))
    let large = try #require(SweepLayout(state))
    #expect(large.rows.count < 30 && large.columns.count < 40)
    let (rows, columns) = (large.rows.count, large.columns.count)
    #expect(text(state).contains("seed x eta   rows 1 to \(rows) of 30, columns 1 to \(columns) of 40"))
    engine.press(.end, on: &state)
    let last = try #require(SweepLayout(state))
    #expect(last.rows.upperBound == 30 && last.columns.upperBound == 40)
    #expect(state.sweep?.cell == 30 * 40 - 1)
    engine.press(.home, .character("-"), .character("-"), .character("-"), .character("-"), on: &state)
    let dots = try #require(SweepLayout(state))
    #expect(dots.columns.count > large.columns.count)
    // Above dots there are fewer labels, none of them cut.
    let labels = text(state).split(separator: "\n")[dots.labels.row].split(separator: " ").map(String.init)
    let all = (0..<40).map { state.sweep?.grid.columnLabel($0) ?? "" }
    #expect(labels.count > 4 && labels.allSatisfy(all.contains), "\(labels)")
  }

  @Test("asks for the cells on the screen, and drops answers to former requests") mutating func watches() throws {
    var state = opened(30, 40, Size(columns: 80, rows: 24))
    let first = try #require(state.sweep?.watch), layout = try #require(SweepLayout(state))
    #expect(first.cells.count == layout.rows.count * layout.columns.count && first.cells.first == 0)
    engine.press(.end, on: &state)
    let second = try #require(state.sweep?.watch)
    #expect(second.number > first.number && second.cells.contains(30 * 40 - 1))
    let known = state.sweep?.finished
    _ = reduce(&state, .sweepFound(SweepFinding(number: first.number)))
    #expect(state.sweep?.finished == known)
    _ = reduce(&state, .sweepFound(SweepFinding(number: second.number)))
    #expect(state.sweep?.finished == [] && state.sweep?.pictures == [:])
    #expect(text(state).contains("0 of 1200"))
  }

  @Test("Enter opens the cell beside the runs, Esc comes back, and Esc again leaves") mutating func opensACell() throws
  {
    var state = opened()
    engine.press(.right, .right, .down, .enter, on: &state)
    #expect(!state.isInSweep && state.panes.count == 2 && state.focus == 1)
    #expect(state.settings.seeds == [1] && state.settings.eta == 0.02 && state.positions == [8, 8])
    #expect(state.sweep?.watch == nil)
    engine.press(.escape, on: &state)
    #expect(state.isInSweep && state.sweep?.cell == 6)
    engine.press(.enter, on: &state)
    #expect(state.panes.count == 2 && state.focus == 1)
    engine.press(.escape, .escape, on: &state)
    #expect(!state.isInSweep && state.layers == [])
  }

  /// A grid that is shown before any run has started.
  private mutating func openedFirst() throws -> State {
    let board = SweepScenes.board(4, 4), size = Size(columns: 120, rows: 40)
    var state = State(size: size, capabilities: Scenes.fullColor, run: try board.request(of: 0))
    engine.carryOut(state.openSweep(board), on: &state)
    return state
  }

  @Test("a grid that is shown first opens no model before it is left, or a cell is opened") mutating func first() throws
  {
    var state = try openedFirst()
    #expect(state.isInSweep && state.run == nil && !state.isBusy)
    #expect(state.sweep?.finished.isEmpty == false && text(state).contains("11 of 16"))
    engine.press(.right, .escape, on: &state)
    #expect(state.run != nil && state.positions == [0])
    state = try openedFirst()
    engine.press(.enter, on: &state)
    #expect(state.panes.count == 1 && state.positions == [8] && state.settings.eta == 0)
    state = try openedFirst()
    engine.press(.right, .enter, on: &state)
    #expect(state.panes.count == 2 && state.positions == [8, 8] && state.settings.eta == 0.01)
  }

  @Test("without its model a grid is whole, and a cell that is opened says which is missing") mutating func missing()
    throws
  {
    engine.missing = [.demo]
    var state = try openedFirst()
    engine.press(.right, .down, on: &state)
    #expect(state.notice == nil && text(state).contains("cell 5"))
    engine.press(.enter, on: &state)
    #expect(state.notice?.hasSuffix("ddpm-emoji-32: no such folder") == true && !state.isBusy)
    engine.press(.escape, on: &state)
    #expect(state.isInSweep && text(state).contains("cell 5"))
  }

  @Test("t puts the other axis across and keeps the cell") mutating func turns() {
    var state = opened(3, 5)
    engine.press(.right, .right, .down, on: &state)
    let cell = state.sweep?.cell
    #expect(state.sweep?.grid.columns == 5)
    engine.press(.character("t"), on: &state)
    #expect(state.sweep?.grid.columns == 3 && state.sweep?.cell == cell)
    #expect(text(state).contains("eta x seed"))
  }

  @Test("keys of runs are refused with a reason") mutating func otherKeys() {
    var state = opened()
    engine.press(.character("G"), on: &state)
    #expect(state.isInSweep && text(state).contains("that is for runs"))
  }

  @Test("help begins with the keys of the grid", arguments: sizes) mutating func help(size: Size) throws {
    var state = opened(4, 4, size)
    func place(_ words: String) -> Int? {
      text(state).split(separator: "\n").firstIndex { $0.contains(words) }
    }
    engine.press(.character("?"), on: &state)
    let (own, others) = (try #require(place("In the grid of a sweep")), try #require(place("play and pause")))
    #expect(own < others)
    for (key, what) in SweepScreen.help {
      let line = try #require(place(what), "\(what)")
      #expect(text(state).split(separator: "\n")[line].contains(key))
    }
    engine.press(.end, on: &state)
    #expect(text(state).contains("np.abs(image).sum()"))
    engine.press(.escape, .character("/"), on: &state)
    for letter in "axis" { engine.press(.character(letter), on: &state) }
    #expect(place("put the next axis across") != nil && !text(state).contains("no line of help"))
    // Where Esc returns to the grid its keys come later; without a sweep there are none.
    engine.press(.escape, .escape, .enter, .character("/"), on: &state)
    for letter in "axis" { engine.press(.character(letter), on: &state) }
    #expect(!state.isInSweep && place("put the next axis across") != nil)
    state = Scenes.started(size.columns, size.rows, steps: 8, engine: &engine)
    engine.press(.character("/"), on: &state)
    for letter in "axis" { engine.press(.character(letter), on: &state) }
    #expect(text(state).contains("no line of help has 'axis'"))
  }

  @Test("what a cell is, or why it has no image, stands below the grid") mutating func details() {
    var state = opened()
    #expect(text(state).contains("cell 0  seed 0, eta 0"))
    engine.press(.right, .right, on: &state)
    #expect(text(state).contains("cell 2  seed 0, eta 0.02   not done yet"))
    engine.press(.home, .down, on: &state)
    #expect(text(state).contains("cell 4") && text(state).contains("0004.png: no such file"))
  }

  @Test("a click selects a cell; nothing is drawn outside a tiny screen") mutating func mouse() throws {
    var state = opened()
    let layout = try #require(SweepLayout(state)), part = layout.part(row: 2, column: 3)
    let event = MouseEvent(.press, column: part.column, row: part.row, button: .left)
    engine.carryOut(reduce(&state, .mouse(event)), on: &state)
    #expect(state.sweep?.cell == 11)
    for size in [Size(columns: 1, rows: 1), Size(columns: 12, rows: 4), Size(columns: 20, rows: 5)] {
      engine.carryOut(reduce(&state, .resize(size)), on: &state)
      #expect(view(state).size == size)
    }
  }
}
