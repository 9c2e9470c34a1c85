/// The layout of three pictures, and of a plot that does not fit beside the picture.
extension Layout {
  /// The minimum size of a plot.
  private static let leastPlot = Size(columns: 20, rows: 5)

  /// Rearranges the body of a screen for the current inspection.
  mutating func arrange(for state: State, pixels: Size) {
    guard state.helpScroll == nil else { return }
    if let region = state.viewport?.region, let space = picture?.size ?? grid?.plan.picture {
      // The region is drawn in place of the whole picture.
      scale = ImageScale.fitting(region.size, state.shownRenderer.renderer, in: space, fit: state.fit)
    } else if let picture, let own = state.pictureSize, own != pixels {
      // A preview of latents has fewer pixels than the decoded image, and takes the same place.
      scale = ImageScale.fitting(own, state.shownRenderer.renderer, in: picture.size, fit: state.fit)
    }
    if state.showsAttention {
      placeAttention(state)
    } else if state.isOpen(.threeUp) {
      placeThreeUp(state, pixels: pixels)
      if let region = state.viewport?.region, let part = threeUp {
        scale = Self.threeUpPlan(state, pixels: region.size, in: part)?.scale
      }
    } else if state.inspection.page != .numbers {
      placePlot(isComparing: state.isComparing)
    } else if state.display.presenter == nil {
      placeCompanions()
    }
  }

  /// The scale of the focused run's picture, where no caption says it; nil without one.
  func unsaidScale(of state: State) -> ImageScale? {
    guard let usual = unsaidScale, let size = state.pictureSize(of: state.focus) else { return unsaidScale }
    if state.viewport != nil || size == state.layoutPictureSize { return usual }
    // Pictures of another size, such as those of latents, have a scale of their own.
    if let part = threeUp { return Self.threeUpPlan(state, pixels: size, in: part)?.scale }
    guard let grid, let place = grid.places.first(where: { $0.pane == state.focus }) else { return usual }
    let cell = PaneCell(state: state, index: place.pane, plan: grid.plan, comparison: nil)
    return cell.scale(in: cell.picture(in: place.part))
  }

  /// Gives the body to the attention, below the title of one run of several.
  private mutating func placeAttention(_ state: State) {
    let titleRows = state.isComparing && body.rows >= 6 ? 1 : 0
    (picture, caption, statistics, grid, comparison, scale) = (nil, nil, nil, nil, nil, nil)
    if titleRows > 0 { caption = body.rows(from: 0, count: 1).inset(left: 1, right: 1) }
    attention = body.inset(left: 1, right: 1, top: titleRows)
  }

  /// The minimum size of the statistics to share with pictures, and the rows that they keep.
  private static let leastCompanions = Size(columns: 72, rows: 44)
  private static let statisticsRows = 20

  /// Places the other two tensors of the step above the statistics of a large screen.
  private mutating func placeCompanions() {
    guard picture != nil, let part = statistics, part.columns >= Self.leastCompanions.columns,
      part.rows >= Self.leastCompanions.rows
    else { return }
    // A picture of half the columns, with its title and caption.
    let rows = min(part.rows - Self.statisticsRows, (part.columns - 1) / 2 / 2 + 2)
    companions = part.rows(from: 0, count: rows)
    statistics = part.inset(top: rows + 1)
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

  private static func threeUpPlan(_ state: State, pixels: Size, in part: Rect) -> (
    places: [ThreeUp.Place], scale: ImageScale
  )? {
    let lines = state.threeUpSubject?.captionLines ?? 1
    let items = (0..<3).map {
      ThreeUp.Item(title: "\($0)", captions: Array(repeating: "", count: lines), content: .missing)
    }
    return ThreeUp(items: items, fit: state.fit).places(
      pixels: pixels, in: part, renderer: state.shownRenderer.renderer)
  }

  private mutating func placeThreeUp(_ state: State, pixels: Size) {
    let titleRows = state.isComparing && body.rows >= 6 ? 1 : 0
    // A plot is chosen to be seen, and gets its rows first; numbers get what the pictures leave.
    let hasPlot = state.inspection.page != .numbers
    let plotRows = hasPlot && body.rows >= 16 ? max(Self.leastPlot.rows + 2, body.rows / 3) : 0
    let whole = body.inset(left: 1, right: 1, top: titleRows)
    let space = whole.rows(from: 0, count: whole.rows - plotRows)
    let plan = Self.threeUpPlan(state, pixels: pixels, in: space)
    // Not even one of them fits: keep the previous layout.
    guard let places = plan?.places else { return }
    (picture, caption, grid, comparison, statistics, scale) = (nil, nil, nil, nil, nil, plan?.scale)
    if titleRows > 0 { caption = body.rows(from: 0, count: 1).inset(left: 1, right: 1) }
    threeUp = space
    guard places.count == 3, let first = places.first, let last = places.last else { return }
    if Set(places.map(\.picture.row)).count == 1 {
      // They are side by side: the rows below are free.
      let rows = first.part.rows
      threeUp = space.rows(from: 0, count: rows)
      let rest = whole.inset(top: rows + 1)
      if rest.rows >= 3 { statistics = rest.inset(left: 1, right: 1) }
    } else {
      let columns = last.picture.columns + 4
      let rest = whole.inset(left: columns + 2)
      guard rest.columns >= 20 else { return }
      threeUp = Rect(column: space.column, row: space.row, columns: columns, rows: space.rows)
      statistics = rest
    }
  }
}
