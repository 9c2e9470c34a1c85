import DiffusionCore

/// The board of a sweep: opening, filling in, leaving.
extension State {
  /// Whether the board of a sweep is on the screen.
  public var isInSweep: Bool { isOpen(.sweep) }

  /// Opens a sweep as a grid.
  public mutating func openSweep(_ board: SweepBoard) -> [Effect] {
    sweep = board
    // Nothing else may happen that would look into the folder.
    return showSweep() + followSweep()
  }

  /// Shows the sweep that was opened.
  mutating func showSweep() -> [Effect] {
    sweep?.isBehind = false
    playback.isPlaying = false
    open(.sweep)
    return stop(Array(panes.indices))
  }

  /// Whether Esc returns to the sweep.
  var returnsToSweep: Bool { sweep?.isBehind == true && !isInSweep }

  /// Leaves the board.
  ///
  /// - Parameter isBehind: Whether Esc returns to it.
  mutating func hideSweep(isBehind: Bool = false) -> [Effect] {
    close(.sweep)
    sweep?.isBehind = isBehind
    // A grid that was opened first has waited with its run: it needs no model itself.
    return panes.indices.filter { panes[$0].run == nil && panes[$0].pending == nil }
      .flatMap { start(panes[$0].initialRequest, in: $0, goal: .step(0)) }
  }

  /// Leaves the board for a command that applies to the runs; nil if it stays open.
  mutating func leaveSweep(for request: CommandRequest) -> [Effect]? {
    guard isInSweep else { return nil }
    switch request {
    case .move, .go, .view, .speed, .gallery, .lesson, .set: return hideSweep()
    case .action, .renderer, .theme, .export, .mouse: return nil
    }
  }

  /// Watches the folder while the board is on the screen, for the cells that are there.
  mutating func followSweep() -> [Effect] {
    guard let board = sweep else { return [] }
    guard isInSweep, let layout = SweepLayout(self) else {
      guard board.watch != nil else { return [] }
      sweep?.watch = nil
      return [.sweep(.stop)]
    }
    let cells = layout.rows.flatMap { row in layout.columns.map { board.grid.cell(row: row, column: $0) } }
    guard board.watch?.cells != cells else { return [] }
    let watch = sweep?.newWatch(cells)
    sweep?.watch = watch
    return watch.map { [.sweep(.watch($0))] } ?? []
  }

  /// Takes in what was found in the folder; answers to earlier requests are dropped.
  mutating func sweepFound(_ finding: SweepFinding) {
    guard let watch = sweep?.watch, watch.number == finding.number else { return }
    sweep?.note(finding)
  }

  /// Handles a key that has a meaning on the board; nil for others.
  mutating func pressInSweep(_ key: Key) -> [Effect]? {
    guard var board = sweep, let layout = SweepLayout(self) else { return nil }
    switch listKey(key) {
    case .up: board.move(row: board.row - 1, column: board.column)
    case .down: board.move(row: board.row + 1, column: board.column)
    case .left: board.move(row: board.row, column: board.column - 1)
    case .right: board.move(row: board.row, column: board.column + 1)
    case .pageUp: board.move(row: board.row - layout.rows.count, column: board.column)
    case .pageDown: board.move(row: board.row + layout.rows.count, column: board.column)
    case .home: board.move(row: 0, column: 0)
    case .end: board.move(row: .max, column: .max)
    case .enter: return openCell()
    case .character("+"): board.enlargement = layout.enlargement(after: 1)
    case .character("-"): board.enlargement = layout.enlargement(after: -1)
    case .character("t"):
      if !board.turn() { notice = "there is no other axis to put across" }
    default:
      return isForRuns(key) ? refuseInSweep() : nil
    }
    sweep = board
    return []
  }

  /// Whether a key is for runs, which the board hides.
  private func isForRuns(_ key: Key) -> Bool {
    switch keyMap.action(for: key) {
    case .playback, .run, .compare, .gallery, .inspect, .keep: true
    default: false
    }
  }

  /// Says that something is for runs.
  mutating func refuseInSweep() -> [Effect] {
    notice = "that is for runs: Enter opens this cell's, Esc leaves the grid"
    return []
  }

  /// Opens the run of the cell under the cursor beside the others, at its last step, to which linked ones go as well;
  /// one that is there gets the focus.
  private mutating func openCell() -> [Effect] {
    guard let board = sweep else { return [] }
    do {
      let request = try board.request(of: board.cell)
      if let pane = panes.firstIndex(where: { $0.latestRequest == request }) {
        focus = pane
        let effects = hideSweep(isBehind: true)
        if panes[pane].run == nil { panes[pane].aim(at: .last) }
        return effects
      }
      guard panes.count < Self.maximumPanes else {
        notice = "there are \(Self.maximumPanes) runs already: Esc, then remove one"
        return []
      }
      let effects = hideSweep(isBehind: true)
      if compare.link != .unlinked { aim(at: .last) }
      panes.append(Pane(request))
      focus = panes.count - 1
      return effects + start(request, in: focus, goal: .last)
    } catch {
      notice = "\(error)"
      return []
    }
  }

  /// Handles the mouse: a click selects a cell, the wheel moves up and down a row.
  mutating func pointInSweep(_ event: MouseEvent) -> [Effect] {
    guard let board = sweep, let layout = SweepLayout(self) else { return [] }
    switch event.kind {
    case .wheelUp: sweep?.move(row: board.row - 1, column: board.column)
    case .wheelDown: sweep?.move(row: board.row + 1, column: board.column)
    case .press where event.button == .left:
      if let place = layout.place(column: event.column, row: event.row) {
        sweep?.move(row: place.row, column: place.column)
      }
    default: break
    }
    return []
  }
}
