extension Layout {
  /// The minimum rows below the panes to show a comparison in, and the maximum that it uses.
  private static let comparisonRows = 3...18

  /// Lays out a screen of several runs, removing the lines around them until as many panes as possible are shown.
  ///
  /// - Parameter plotRows: The rows reserved below the panes for a plot, at the expense of the pictures; 0 for none.
  package init(
    size: Size, panes: Int, focus: Int, pixels: Size, renderer: any ImageRenderer, statusLines: Int, plotRows: Int = 0,
    levels: [Chrome] = Chrome.levels
  ) {
    let statusRows = min(max(1, statusLines), max(1, size.rows - 2))
    status = Rect(column: 0, row: max(0, size.rows - statusRows), columns: size.columns, rows: statusRows)
    body = Rect(column: 0, row: 0, columns: size.columns, rows: 0)
    let plans = levels.filter { $0.rows + statusRows <= size.rows }.map { chrome in
      let space = Size(columns: size.columns, rows: size.rows - statusRows - chrome.rows)
      return (
        chrome: chrome, space: space,
        plan: Self.plan(panes: panes, space: space, pixels: pixels, renderer: renderer, plotRows: plotRows)
      )
    }
    let best = plans.map(\.plan.worth).max { $0.lexicographicallyPrecedes($1) }
    guard let choice = plans.first(where: { $0.plan.worth == best }) else { return }
    place(choice.chrome, choice.space, size, statusRows)
    let grid = PaneGrid(choice.plan, panes: panes, focus: focus, in: body)
    self.grid = grid
    let left = body.endRow - grid.endRow - 1
    if left >= Self.comparisonRows.lowerBound {
      let rows = min(left, Self.comparisonRows.upperBound)
      comparison = Rect(column: 0, row: grid.endRow + 1, columns: size.columns, rows: rows).inset(left: 1, right: 1)
    }
  }

  /// The best plan that leaves rows for the comparison, unless the pictures would have to be scaled down for it.
  private static func plan(
    panes: Int, space: Size, pixels: Size, renderer: any ImageRenderer, plotRows: Int
  ) -> GridPlan {
    if plotRows > 0, space.rows >= plotRows + 8 {
      let rest = Size(columns: space.columns, rows: max(0, space.rows - plotRows - 1))
      return GridPlan.best(panes: panes, space: rest, pixels: pixels, renderer: renderer)
    }
    let whole = GridPlan.best(panes: panes, space: space, pixels: pixels, renderer: renderer)
    let less = Size(columns: space.columns, rows: space.rows - comparisonRows.lowerBound - 2)
    guard less.rows > 0 else { return whole }
    let part = GridPlan.best(panes: panes, space: less, pixels: pixels, renderer: renderer)
    return part.worth == whole.worth && part.scale?.stride == 1 ? part : whole
  }
}
