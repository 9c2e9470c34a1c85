extension Layout {
  /// The minimum rows below the panes to show a comparison in, and the maximum that it uses.
  private static let comparisonRows = 3...18
  /// The rows kept below the panes, and what the screen is then worth for a picture of the same size: without a
  /// comparison, with its sentences, and for a few runs with its plots too.
  private static let shares: [(rows: Int, share: Double, panes: Int)] = [
    (0, 0.65, .max), (comparisonRows.lowerBound + 1, 0.75, .max), (9, 1, 4),
  ]

  /// Lays out a screen of several runs, removing the lines around them until as many panes as possible are shown.
  ///
  /// - Parameter plotRows: The rows reserved below the panes for a plot, at the expense of the pictures; 0 for none.
  package init(
    size: Size, panes: Int, focus: Int, pixels: Size, renderer: any ImageRenderer, statusLines: Int,
    fit: PictureFit = .filling, plotRows: Int = 0, levels: [Chrome] = Chrome.levels
  ) {
    let statusRows = min(max(1, statusLines), max(1, size.rows - 2))
    status = Rect(column: 0, row: max(0, size.rows - statusRows), columns: size.columns, rows: statusRows)
    body = Rect(column: 0, row: 0, columns: size.columns, rows: 0)
    let plans = Chrome.fitting(size, statusRows: statusRows, levels: levels).map { chrome in
      let space = Size(columns: size.columns, rows: size.rows - statusRows - chrome.rows)
      return (
        chrome: chrome, space: space,
        plan: Self.plan(panes: panes, space: space, pixels: pixels, renderer: renderer, fit: fit, plotRows: plotRows)
      )
    }
    let best = plans.map(\.plan.worth).max { $0.lexicographicallyPrecedes($1) } ?? []
    guard let choice = plans.first(where: { $0.plan.isAbout(best, share: 0.8) }) else { return }
    place(choice.chrome, choice.space, size, statusRows)
    let grid = PaneGrid(choice.plan, panes: panes, focus: focus, in: body)
    self.grid = grid
    // A heading and a line for each other run, rather than an empty row above them.
    let below = body.endRow - grid.endRow, gap = below == panes ? 0 : 1
    if below - 1 >= Self.comparisonRows.lowerBound {
      let rows = min(below - gap, Self.comparisonRows.upperBound)
      comparison = Rect(column: 0, row: grid.endRow + gap, columns: size.columns, rows: rows).inset(left: 1, right: 1)
    }
  }

  /// The best plan, with rows for the comparison unless that would make the pictures much smaller.
  private static func plan(
    panes: Int, space: Size, pixels: Size, renderer: any ImageRenderer, fit: PictureFit, plotRows: Int
  ) -> GridPlan {
    func best(_ rows: Int) -> GridPlan {
      GridPlan.best(
        panes: panes, space: Size(columns: space.columns, rows: rows), pixels: pixels, renderer: renderer, fit: fit)
    }
    if plotRows > 0, space.rows >= plotRows + 8 { return best(space.rows - plotRows - 1) }
    let plans = shares.filter { panes <= $0.panes && $0.rows < space.rows }.map {
      (best(space.rows - $0.rows), $0.share)
    }
    let pageSize = plans.map(\.0.pageSize).max()
    let complete = plans.filter { $0.0.pageSize == pageSize }
    return complete.max { $0.0.use * $0.1 < $1.0.use * $1.1 }?.0 ?? best(space.rows)
  }
}
