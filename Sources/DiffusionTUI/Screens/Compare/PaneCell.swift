import DiffusionCore

/// One of several runs: its title, its picture and its numbers.
package struct PaneCell {
  package let state: State
  package let index: Int
  package let plan: GridPlan

  private var pane: Pane { state.panes[index] }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let title = Rect(column: part.column, row: part.row, columns: part.columns - 1, rows: 1)
    PaneTitle(state: state, index: index).draw(into: &frame, in: title, look: look)
    let picture = Rect(
      column: part.column + 1, row: part.row + 1, columns: plan.picture.columns, rows: plan.picture.rows)
    drawPicture(into: &frame, in: picture, look: look)
    let text =
      plan.isBeside
      ? Rect(
        column: picture.endColumn + 1, row: part.row + 1, columns: part.endColumn - picture.endColumn - 2,
        rows: part.rows - 1)
      : Rect(
        column: part.column + 1, row: picture.endRow, columns: part.columns - 2, rows: part.endRow - picture.endRow)
    PaneNumbers(state: state, index: index).draw(into: &frame, in: text, look: look)
  }

  private func drawPicture(into frame: inout Frame, in part: Rect, look: Look) {
    guard let scale = plan.scale else { return }
    guard let tensor = state.picturedTensor(of: index), let picture = Picture(of: tensor) else {
      let text = pane.pending != nil ? "starting" : pane.run == nil ? "no run" : "not yet"
      frame.writeCentered(text, look[.dim], in: part, row: part.row + part.rows / 2)
      return
    }
    let scaled = ScaledPicture(picture: picture, scale: scale)
    state.shownRenderer.renderer.draw(scaled, into: &frame, column: part.column, row: part.row, look: look)
  }
}

extension State {
  /// What the picture of a pane shows: its tensor, or how far that is from the reference's.
  package func picturedTensor(of index: Int) -> Tensor<Float>? {
    guard paneView == .difference, index != reference else {
      return panes[index].run?.tensor(view, at: panes[index].position)
    }
    return panes[index].comparison?.difference
  }
}
