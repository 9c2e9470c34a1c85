/// Where everything goes on a screen of some size. The picture comes first: lines around it give way until it is shown
/// whole, and it then takes the largest whole-number scale that leaves the statistics their room.
package struct Layout: Sendable, Equatable {
  package internal(set) var header: Rect?
  package internal(set) var rule: Rect?
  package internal(set) var picture: Rect?
  package internal(set) var scale: ImageScale?
  package internal(set) var caption: Rect?
  package internal(set) var statistics: Rect?
  package internal(set) var timeline: Rect?
  package internal(set) var settings: Rect?
  package internal(set) var status: Rect
  package internal(set) var footer: Rect?
  /// Three pictures of one run beside each other, in place of one.
  package internal(set) var threeUp: Rect?
  /// The panes of several runs, in place of one picture.
  package internal(set) var grid: PaneGrid?
  /// What is said of the focused run against the reference.
  package internal(set) var comparison: Rect?
  /// What is between the header and the timeline: picture and statistics, or help.
  package internal(set) var body: Rect

  /// Lays out a screen.
  ///
  /// - Parameters:
  ///   - pixels: the picture's extent.
  ///   - statusLines: how many rows the status line would like.
  ///   - levels: which lines may surround the picture, from everything to nothing.
  package init(
    size: Size, pixels: Size, renderer: any ImageRenderer, statusLines: Int, levels: [Chrome] = Chrome.levels
  ) {
    let statusRows = min(max(1, statusLines), max(1, size.rows - 2))
    let candidates = levels.filter { $0.rows + statusRows <= size.rows }
    let plans = candidates.map { chrome in
      Plan(
        chrome: chrome, room: Size(columns: size.columns, rows: size.rows - statusRows - chrome.rows), pixels: pixels,
        renderer: renderer)
    }
    // The richest of those that show the most of the picture.
    let best = plans.map(\.worth).max() ?? 0
    let plan = plans.first { $0.worth == best }
    status = Rect(column: 0, row: max(0, size.rows - statusRows), columns: size.columns, rows: statusRows)
    body = Rect(column: 0, row: 0, columns: size.columns, rows: 0)
    guard let plan else { return }
    place(plan.chrome, plan.room, size, statusRows)
    placeBody(plan)
  }

  /// Places the lines around the body.
  mutating func place(_ chrome: Chrome, _ room: Size, _ size: Size, _ statusRows: Int) {
    func line(_ row: Int, _ rows: Int = 1) -> Rect { Rect(column: 0, row: row, columns: size.columns, rows: rows) }
    var top = 0
    if chrome.hasHeader {
      header = line(top)
      top += 1
    }
    if chrome.hasRule {
      rule = line(top)
      top += 1
    }
    body = line(top, room.rows)
    var row = body.endRow
    if chrome.timelineRows > 0 { timeline = line(row, chrome.timelineRows) }
    row += chrome.timelineRows
    if chrome.hasSettings {
      settings = line(row)
      row += 1
    }
    status = line(row, statusRows)
    if chrome.hasFooter { footer = line(row + statusRows) }
  }

  private mutating func placeBody(_ plan: Plan) {
    guard let fitted = plan.scale else {
      statistics = body.rows > 0 ? body.inset(left: 1, right: 1) : nil
      return
    }
    scale = fitted
    let cells = plan.cells
    let captionRows = plan.captionRows
    if plan.isStacked {
      let rows = cells.rows + captionRows
      picture = body.rows(from: 0, count: cells.rows)
      if captionRows > 0 { caption = body.rows(from: cells.rows, count: 1) }
      statistics = body.rows(from: rows + 1, count: body.rows - rows - 1).inset(left: 2, right: 2)
      return
    }
    let hasStatistics = plan.statisticsColumns > 0
    let margin = body.columns >= cells.columns + plan.statisticsColumns + 6 ? 2 : 1
    let paneColumns = hasStatistics ? min(body.columns, cells.columns + 2 * margin) : body.columns
    let pane = Rect(column: 0, row: body.row, columns: paneColumns, rows: body.rows)
    picture = pane.rows(from: plan.rowsAbove, count: cells.rows)
    if captionRows > 0 { caption = pane.rows(from: plan.rowsAbove + cells.rows, count: 1) }
    if hasStatistics {
      statistics = body.inset(left: paneColumns, right: margin)
    }
  }
}
