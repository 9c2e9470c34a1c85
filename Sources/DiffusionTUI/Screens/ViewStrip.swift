import DiffusionCore

/// All three views side by side at one cell a pixel, where a large screen has room for them.
package struct ViewStrip {
  package let state: State
  package let run: ShownRun

  private static let scale = ImageScale(zoom: 1, stride: 1)

  private var cells: Size {
    let shape = run.description.initialNoise.shape
    guard shape.count == 4 else { return Size(columns: 0, rows: 0) }
    return state.shownRenderer.renderer.cells(for: Size(columns: shape[3], rows: shape[2]))
  }

  /// The rows it takes, its labels included; nil where it is too wide.
  package func rows(columns: Int) -> Int? {
    let cells = cells
    guard cells.columns > 8, 3 * cells.columns + 2 <= columns else { return nil }
    return cells.rows + 1
  }

  package func draw(_ frame: inout Frame, _ part: Rect, _ look: Look) {
    let renderer = state.shownRenderer.renderer
    let gap = min(4, (part.columns - 3 * cells.columns) / 2)
    var column = part.column
    for view in TensorView.allCases {
      let role: ThemeRole = view == state.view ? .accent : .dim
      frame.write(view.label, look[role], column: column, row: part.row, end: column + cells.columns)
      if let tensor = run.tensor(view, at: state.position), let picture = Picture(of: tensor) {
        let scaled = ScaledPicture(picture: picture, scale: Self.scale)
        renderer.draw(scaled, into: &frame, column: column, row: part.row + 1, look: look)
      } else {
        let empty = Rect(column: column, row: part.row + 1, columns: cells.columns, rows: cells.rows)
        frame.writeCentered("not yet", look[.dim], in: empty, row: empty.row + empty.rows / 2)
      }
      column += cells.columns + gap
    }
  }
}
