import DiffusionCore

/// The positions of the panes on a page.
package struct PaneGrid: Sendable, Equatable {
  /// A pane and its position.
  package struct Place: Sendable, Equatable {
    /// The index of the pane.
    package let pane: Int
    /// Its part of the screen.
    package let part: Rect
  }

  /// The plan of the grid.
  package let plan: GridPlan
  /// The visible panes, in order.
  package let places: [Place]
  /// The row below the last pane.
  package let endRow: Int

  /// Places the panes of the page with the focused one.
  ///
  /// - Parameters:
  ///   - plan: The plan of the panes.
  ///   - body: The part of the screen.
  package init(_ plan: GridPlan, panes: Int, focus: Int, in body: Rect) {
    self.plan = plan
    let first = focus / plan.pageSize * plan.pageSize
    let rows = min(plan.cell.rows, plan.usedRows)
    // A blank row between rows of panes, if there is one to spare.
    let gap = plan.rows > 1 && plan.rows * (rows + 1) <= body.rows ? 1 : 0
    places = (first..<max(first, min(panes, first + plan.pageSize))).map { pane in
      let place = pane - first
      let part = Rect(
        column: body.column + place % plan.columns * plan.cell.columns,
        row: body.row + place / plan.columns * (rows + gap), columns: plan.cell.columns, rows: rows)
      return Place(pane: pane, part: part)
    }
    endRow = places.map(\.part.endRow).max() ?? body.row
  }
}

/// Several runs side by side.
package struct GridView {
  package let state: State
  package let grid: PaneGrid
  /// The comparison below, which has the rest of the numbers; nil where there is none.
  package let comparison: Rect?

  package func draw(into frame: inout Frame, look: Look) {
    for place in grid.places {
      PaneCell(state: state, index: place.pane, plan: grid.plan, comparison: comparison)
        .draw(into: &frame, in: place.part, look: look)
    }
  }
}
