import DiffusionCore

/// One of several runs: its title, its picture and its numbers.
package struct PaneCell {
  package let state: State
  package let index: Int
  package let plan: GridPlan
  /// The comparison below, which has the rest of the numbers; nil where there is none.
  package let comparison: Rect?

  private var pane: Pane { state.panes[index] }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let title = Rect(column: part.column, row: part.row, columns: part.columns - 1, rows: 1)
    PaneTitle(state: state, index: index).draw(into: &frame, in: title, look: look)
    let picture = picture(in: part)
    drawPicture(into: &frame, in: picture, look: look)
    let text =
      plan.isBeside
      ? Rect(
        column: picture.endColumn + 1, row: part.row + 1, columns: part.endColumn - picture.endColumn - 2,
        rows: part.rows - 1)
      : Rect(
        column: part.column + 1, row: picture.endRow, columns: part.columns - 2, rows: part.endRow - picture.endRow)
    let numbers = PaneNumbers(state: state, index: index, comparison: comparison)
    guard let legend = legend, text.rows > 1 else { return numbers.draw(into: &frame, in: text, look: look) }
    legend.draw(into: &frame, in: text.rows(from: 0, count: 1), look: look)
    numbers.draw(into: &frame, in: text.inset(top: 1), look: look)
  }

  /// The part of the screen for its picture: one of another size than the usual gets all columns that are free.
  func picture(in part: Rect) -> Rect {
    let isUsual = plan.isBeside || state.pictureSize(of: index) == state.layoutPictureSize
    let columns = isUsual ? plan.picture.columns : max(plan.picture.columns, part.columns - 2)
    return Rect(column: part.column + 1, row: part.row + 1, columns: columns, rows: plan.picture.rows)
  }

  /// The legend of a difference's colours.
  private var legend: DifferenceLegend? {
    state.compare.view == .difference && index != state.compare.reference && pane.comparison?.difference != nil
      && equality == nil
      ? DifferenceLegend(scale: state.inspection.differenceScale) : nil
  }

  /// The region of the picture that is shown; nil for all of it.
  private var viewport: Viewport? { state.viewport(of: index) }

  /// The scale of the picture, or of the region shown in its place: the planned one, unless the size differs.
  func scale(in part: Rect) -> ImageScale? {
    guard plan.scale != nil, let size = viewport?.region.size ?? state.pictureSize(of: index) else { return plan.scale }
    if viewport == nil, size == state.layoutPictureSize { return plan.scale }
    return ImageScale.fitting(size, state.shownRenderer.renderer, in: part.size, fit: state.fit)
  }

  /// The origin that centres a picture in its part of the screen.
  private func place(of scaled: ScaledPicture, in part: Rect) -> (column: Int, row: Int) {
    let cells = state.shownRenderer.renderer.cells(for: scaled.extent)
    return (
      part.column + max(0, (part.columns - cells.columns) / 2), part.row + max(0, (part.rows - cells.rows) / 2)
    )
  }

  private func drawPicture(into frame: inout Frame, in part: Rect, look: Look) {
    guard let scale = scale(in: part) else {
      if plan.scale != nil {
        drawAbsence(into: &frame, in: part, look, otherwise: part.columns < 9 ? "small" : "too small")
      }
      return
    }
    if state.showsDifference(in: index) {
      return drawDifference(into: &frame, in: part, scale, look)
    }
    guard let pictured = state.pictured(of: index), let picture = state.inspection.picture(of: pictured)
    else { return drawAbsence(into: &frame, in: part, look) }
    let scaled = ScaledPicture(picture: picture, scale: scale, region: viewport?.region)
    let place = place(of: scaled, in: part)
    state.shownRenderer.renderer.draw(scaled, into: &frame, column: place.column, row: place.row, look: look)
    drawCursor(on: scaled, into: &frame, in: part, look)
  }

  /// What a picture of the difference would not show, since it is the same colour everywhere; nil if there is a
  /// difference.
  private var equality: [String]? {
    pane.equality.map { equality in
      switch equality {
      case .bits: ["equal", "", "every bit is that of", "run \(state.compare.reference + 1)"]
      case .values: ["equal values", "", "some bits differ,", "as in 0 and -0"]
      }
    }
  }

  /// What a picture of the difference would hardly show, since its colours are those of far larger ones; nil if it can
  /// be seen.
  private func faintness(_ look: Look) -> [String]? {
    let scale = state.inspection.differenceScale
    guard let largest = pane.comparison?.metrics?.maximumAbsoluteDifference, largest < scale.limit / 100,
      look.capabilities.colorTier > .mono
    else { return nil }
    let key = state.keyMap.keyLabel(of: .inspect(.finerScale))
    return ["too small to see", "", "below 1 % of \(scale.label)"] + (key.map { ["\($0) for a finer scale"] } ?? [])
  }

  /// Writes as many lines as there is room for in the middle of a part.
  private func draw(
    _ lines: [String], as role: ThemeRole = .good, into frame: inout Frame, in part: Rect, look: Look
  ) {
    let fits = lines.count <= part.rows && lines.allSatisfy { $0.columns <= part.columns }
    let shown = fits ? lines[...] : lines.prefix(1)
    for (row, line) in shown.enumerated() {
      frame.writeCentered(
        line, look[row == 0 ? role : .dim], in: part, row: part.row + (part.rows - shown.count) / 2 + row)
    }
  }

  private func drawDifference(into frame: inout Frame, in part: Rect, _ scale: ImageScale, _ look: Look) {
    if let equality { return draw(equality, into: &frame, in: part, look: look) }
    if let faint = faintness(look) { return draw(faint, as: .text, into: &frame, in: part, look: look) }
    guard let tensor = state.picturedTensor(of: index),
      let picture = DifferencePicture(
        of: tensor, channel: state.inspection.channel(of: tensor), scale: state.inspection.differenceScale)
    else { return drawAbsence(into: &frame, in: part, look) }
    let region = viewport?.region
    DifferenceView(picture: picture, region: region, fit: state.fit, hasLegend: false)
      .draw(into: &frame, in: part, renderer: state.shownRenderer, look: look)
    guard look.capabilities.colorTier > .mono else { return }
    let scaled = ScaledPicture(
      picture: picture.picture(tier: look.capabilities.colorTier), scale: scale, region: region)
    drawCursor(on: scaled, into: &frame, in: part, look)
  }

  private func drawCursor(on scaled: ScaledPicture, into frame: inout Frame, in part: Rect, _ look: Look) {
    guard let cursor = viewport?.cursor else { return }
    let place = place(of: scaled, in: part)
    PixelCursor(place: cursor).draw(
      into: &frame, on: scaled, renderer: state.shownRenderer.renderer, column: place.column, row: place.row,
      look: look)
  }

  private func drawAbsence(
    into frame: inout Frame, in part: Rect, _ look: Look, otherwise: String = "not yet"
  ) {
    let mismatch = state.compare.view == .difference ? pane.comparison?.mismatch : nil
    let text =
      pane.pending != nil
      ? "starting"
      : pane.run == nil
        ? "no run"
        : mismatch.map { ComparisonText.mismatch($0, to: state.compare.reference, columns: part.columns) } ?? otherwise
    frame.writeCentered(text, look[.dim], in: part, row: part.row + part.rows / 2)
  }
}
