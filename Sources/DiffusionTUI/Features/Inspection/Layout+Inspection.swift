/// The layout of three pictures, and of a plot that does not fit beside the picture.
extension Layout {
  /// The minimum size of a plot.
  private static let leastPlot = Size(columns: 20, rows: 5)

  /// Rearranges the body of a screen for the current inspection.
  mutating func arrange(for state: State, pixels: Size) {
    guard state.helpScroll == nil else { return }
    if let region = state.viewport?.region, let part = picture {
      // The region is drawn in place of the whole picture.
      scale = ImageScale.fitting(region.size, state.shownRenderer.renderer, in: part.size)
    }
    if state.isOpen(.threeUp) {
      placeThreeUp(state, pixels: pixels)
    } else if state.inspection.page != .numbers {
      placePlot(isComparing: state.isComparing)
    }
  }

  /// Places the plot in the body if the space beside the picture is too small for one.
  private mutating func placePlot(isComparing: Bool) {
    if let part = isComparing ? comparison : statistics, part.columns >= Self.leastPlot.columns,
      part.rows >= Self.leastPlot.rows
    {
      return
    }
    (picture, caption, grid, scale) = (nil, nil, nil, nil)
    let part = body.rows > 0 ? body.inset(left: 1, right: 1) : nil
    if isComparing { comparison = part } else { statistics = part }
  }

  private mutating func placeThreeUp(_ state: State, pixels: Size) {
    let titleRows = state.isComparing && body.rows >= 6 ? 1 : 0
    let space = body.inset(left: 1, right: 1, top: titleRows)
    let items = (0..<3).map { ThreeUp.Item(title: "\($0)", picture: nil) }
    let plan = ThreeUp(items: items).places(pixels: pixels, in: space, renderer: state.shownRenderer.renderer)
    // Not even one of them fits: keep the previous layout.
    guard let places = plan?.places else { return }
    (picture, caption, grid, comparison, statistics, scale) = (nil, nil, nil, nil, nil, nil)
    if titleRows > 0 { caption = body.rows(from: 0, count: 1).inset(left: 1, right: 1) }
    threeUp = space
    guard places.count == 3, let first = places.first, let last = places.last else { return }
    if Set(places.map(\.picture.row)).count == 1 {
      // They are side by side: the rows below are free.
      let rows = first.part.rows
      threeUp = space.rows(from: 0, count: rows)
      let rest = space.inset(top: rows + 1)
      if rest.rows >= 3 { statistics = rest.inset(left: 1, right: 1) }
    } else {
      let columns = last.picture.columns + 4
      let rest = space.inset(left: columns + 2)
      guard rest.columns >= 20 else { return }
      threeUp = Rect(column: space.column, row: space.row, columns: columns, rows: space.rows)
      statistics = rest
    }
  }
}
