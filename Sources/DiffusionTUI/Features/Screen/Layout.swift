/// The layout of a screen. The picture comes first: lines around it are removed while that enlarges it by much and it
/// is smaller than its pixels; it then gets the largest scale that leaves room for the statistics.
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
  /// The other two tensors of the step, beside the picture on a large screen.
  package internal(set) var companions: Rect?
  /// Three pictures of one run side by side, in place of one.
  package internal(set) var threeUp: Rect?
  /// The attention to the tokens, in place of the pictures.
  package internal(set) var attention: Rect?
  /// The panes of several runs, in place of one picture.
  package internal(set) var grid: PaneGrid?
  /// The comparison of the focused run with the reference.
  package internal(set) var comparison: Rect?
  /// The area between the header and the timeline: picture and statistics, or help.
  package internal(set) var body: Rect

  /// Lays out a screen.
  ///
  /// - Parameters:
  ///   - pixels: The size of the picture.
  ///   - statusLines: The number of rows that the status line needs.
  ///   - fit: How the picture is fitted.
  ///   - levels: The lines that may surround the picture, from all to none.
  package init(
    size: Size, pixels: Size, renderer: any ImageRenderer, statusLines: Int, fit: PictureFit = .filling,
    levels: [Chrome] = Chrome.levels
  ) {
    let statusRows = min(max(1, statusLines), max(1, size.rows - 2))
    let plans = Chrome.fitting(size, statusRows: statusRows, levels: levels).map { chrome in
      Plan(
        chrome: chrome, space: Size(columns: size.columns, rows: size.rows - statusRows - chrome.rows), pixels: pixels,
        renderer: renderer, fit: fit)
    }
    // The richest of those that show nearly the most of the picture.
    let best = plans.map(\.worth).max() ?? 0
    let plan = plans.first { $0.worth >= best * Self.enough }.map { Self.labelled($0, among: plans) }
    status = Rect(column: 0, row: max(0, size.rows - statusRows), columns: size.columns, rows: statusRows)
    body = Rect(column: 0, row: 0, columns: size.columns, rows: 0)
    guard let plan else { return }
    place(plan.chrome, plan.space, size, statusRows)
    placeBody(plan)
  }

  /// How much smaller than possible a picture may be for the lines around it.
  static let enough = 0.83

  /// How much smaller a picture may be for the row of a caption that alone says that it is averaged, and for more lines
  /// around it than that.
  private static let enoughWithCaption = (caption: 0.7, chrome: 0.9)
  /// The columns from which the header has room for the scale, beside the names of the views and of a usual model.
  private static let headerColumns = 80

  /// A plan, or one with a caption where areas are averaged and nothing else has room to say so.
  private static func labelled(_ plan: Plan, among plans: [Plan]) -> Plan {
    guard let scale = plan.scale, !scale.isWhole, !plan.chrome.hasCaption,
      plan.space.columns < headerColumns || !plan.chrome.hasHeader
    else { return plan }
    let captioned = plans.filter { $0.chrome.hasCaption && $0.worth >= plan.worth * enoughWithCaption.caption }
    let best = captioned.map(\.worth).max() ?? 0
    return captioned.first { $0.worth >= best * enoughWithCaption.chrome } ?? plan
  }

  /// The scale of the pictures, in the header where no caption says it; nil without pictures.
  package var unsaidScale: ImageScale? {
    caption == nil || threeUp != nil || grid != nil ? scale ?? grid?.plan.scale : nil
  }

  /// Places the lines around the body.
  mutating func place(_ chrome: Chrome, _ space: Size, _ size: Size, _ statusRows: Int) {
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
    body = line(top, space.rows)
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
    // A caption is at least as wide as the scale, with a column on each side.
    let captionColumns = captionRows > 0 ? fitted.label.columns + 2 : 0
    let paneColumns =
      hasStatistics ? min(body.columns, max(captionColumns, cells.columns + 2 * margin)) : body.columns
    let pane = Rect(column: 0, row: body.row, columns: paneColumns, rows: body.rows)
    picture = pane.rows(from: plan.rowsAbove, count: cells.rows)
    if captionRows > 0 { caption = pane.rows(from: plan.rowsAbove + cells.rows, count: 1) }
    if hasStatistics {
      statistics = body.inset(left: paneColumns, right: margin)
    }
  }
}

/// The lines around the picture and the statistics. Those removed first on a small screen come last here.
package struct Chrome: Sendable, Equatable {
  package var timelineRows: Int
  package var hasCaption: Bool
  package var hasHeader: Bool
  package var hasFooter: Bool
  package var hasSettings: Bool
  package var hasRule: Bool

  /// The number of rows outside the body.
  package var rows: Int {
    timelineRows + (hasHeader ? 1 : 0) + (hasFooter ? 1 : 0) + (hasSettings ? 1 : 0) + (hasRule ? 1 : 0)
  }

  /// From all lines to none. The tabs of the header stay longest: they say what the picture is.
  package static let levels: [Chrome] = [
    level(timeline: 2, caption: true, header: true, footer: true, settings: true, rule: true),
    level(timeline: 2, caption: true, header: true, footer: true, settings: false, rule: true),
    level(timeline: 2, caption: true, header: true, footer: true, settings: false, rule: false),
    level(timeline: 1, caption: true, header: true, footer: true, settings: false, rule: false),
    level(timeline: 1, caption: true, header: true, footer: false, settings: false, rule: false),
    level(timeline: 1, caption: false, header: true, footer: false, settings: false, rule: false),
    level(timeline: 0, caption: true, header: true, footer: false, settings: false, rule: false),
    level(timeline: 0, caption: false, header: true, footer: false, settings: false, rule: false),
    level(timeline: 0, caption: false, header: false, footer: false, settings: false, rule: false),
  ]

  /// The header alone above the picture, for a lesson on its tabs: the caption and the timeline go first.
  static let headerFirst = [
    level(timeline: 1, caption: false, header: true, footer: false, settings: false, rule: false),
    level(timeline: 0, caption: false, header: true, footer: false, settings: false, rule: false),
  ]

  /// The levels of presenter mode: without what is only read at a desk.
  package static let sparse = levels.filter { !$0.hasRule && !$0.hasSettings }

  /// The minimum rows of a screen with a line for settings; the status line has them where it is lower.
  private static let rowsWithSettings = 34

  /// The levels that a screen has rows for.
  package static func fitting(_ size: Size, statusRows: Int, levels: [Chrome]) -> [Chrome] {
    levels.filter {
      $0.rows + statusRows <= size.rows && (!$0.hasSettings || size.rows >= rowsWithSettings)
    }
  }

  private static func level(
    timeline: Int, caption: Bool, header: Bool, footer: Bool, settings: Bool, rule: Bool
  ) -> Chrome {
    Chrome(
      timelineRows: timeline, hasCaption: caption, hasHeader: header, hasFooter: footer, hasSettings: settings,
      hasRule: rule)
  }
}

extension [Chrome] {
  /// The same levels, with the header removed only where the picture needs its row.
  var keepingHeader: [Chrome] { filter(\.hasHeader) + Chrome.headerFirst + filter { !$0.hasHeader } }
}

/// A way to fill the body of a screen, with some chrome around it.
package struct Plan: Sendable {
  package let chrome: Chrome
  /// The size of the body.
  package let space: Size
  package let scale: ImageScale?
  /// The size of the picture, in cells.
  package let cells: Size
  /// The columns reserved for statistics beside the picture; 0 if there are none.
  package let statisticsColumns: Int
  /// Whether the statistics are below the picture.
  package let isStacked: Bool

  /// The rows of the caption below the picture.
  package var captionRows: Int { chrome.hasCaption && scale != nil ? 1 : 0 }
  /// The empty rows above a centred picture, whose caption is directly below it.
  package var rowsAbove: Int { max(0, (space.rows - captionRows - cells.rows) / 2) }
  /// How much of the picture is shown: 1 for every pixel, 1/2 for averages of two by two; without a picture, whether a
  /// line of numbers fits.
  package var worth: Double { scale.map { min(1, $0.ratio) } ?? (space.rows > 0 ? 0.001 : 0) }

  /// Fits the picture into the body: beside the statistics on a wide screen, above them on a narrow, tall one.
  package init(chrome: Chrome, space: Size, pixels: Size, renderer: any ImageRenderer, fit: PictureFit) {
    self.chrome = chrome
    self.space = space
    let captionRows = chrome.hasCaption ? 1 : 0
    isStacked = space.columns < 64 && space.rows >= 26
    if isStacked {
      statisticsColumns = 0
      let limit = Size(columns: space.columns, rows: space.rows - captionRows - 10)
      scale = ImageScale.fitting(pixels, renderer, in: limit, fit: fit)
    } else {
      let wanted = space.columns >= 78 ? 41 : space.columns >= 52 ? 23 : space.columns >= 36 ? 20 : 0
      let gap = wanted == 0 ? 0 : space.columns >= 78 ? 3 : 2
      statisticsColumns = wanted
      let limit = Size(columns: space.columns - wanted - gap, rows: space.rows - captionRows)
      scale = ImageScale.fitting(pixels, renderer, in: limit, fit: fit)
    }
    cells = scale.map { renderer.cells(for: $0.extent(of: pixels)) } ?? Size(columns: 0, rows: 0)
  }
}
