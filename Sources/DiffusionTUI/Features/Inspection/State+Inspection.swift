import DiffusionCore

/// How pictures are shown, and the page beside them. All panes share it, because it belongs to the screen, not to a
/// run.
public struct Inspection: Sendable, Equatable {
  /// The page beside the picture.
  package var page = PlotPage.numbers
  /// Whether clipped pixels are marked.
  package var marksClipping = false
  /// The value at which the colours of difference pictures saturate.
  package var differenceScale = DifferenceScale()
  /// How pictures fill their panes.
  package var fit = PictureFit.filling
  /// The only channel to show, from 0, in tensors that have it; nil for all.
  package var channel: Int?

  /// The only channel of a tensor to show; nil for all.
  package func channel(of tensor: Tensor<Float>) -> Int? {
    channel.flatMap { tensor.shape.count == 4 && $0 < tensor.shape[1] ? $0 : nil }
  }

  /// The picture of a tensor; nil for one that is not an image.
  package func picture(of tensor: Tensor<Float>, range: ValueRange = .signed) -> Picture? {
    Picture(of: tensor, channel: channel(of: tensor), marksClipping: marksClipping, range: range)
  }

  /// The picture of what a run shows; nil for what is not an image.
  package func picture(of pictured: PicturedTensor) -> Picture? {
    // One channel of latents is a picture of the latents: red, green and blue are all shown.
    pictured.source == .values
      ? picture(of: pictured.tensor)
      : Picture(of: pictured.tensor, marksClipping: marksClipping, range: pictured.range)
  }

  /// What the picture of a tensor shows of its channels, longest text first; empty if there is nothing to say.
  package func channelSummary(of tensor: Tensor<Float>) -> [String] {
    guard tensor.shape.count == 4 else { return [] }
    return ChannelNames(count: tensor.shape[1]).summary(chosen: channel(of: tensor))
  }
}

/// Inspecting pictures.
extension State {
  /// The size of the focused run's picture in pixels, or of the first run that has any; nil before the first run.
  package var pictureSize: Size? {
    pictureSize(of: focus) ?? panes.indices.lazy.compactMap { pictureSize(of: $0) }.first
  }

  /// The size of a pane's picture in pixels; nil before its first run.
  package func pictureSize(of index: Int) -> Size? {
    guard let run = panes[index].run else { return nil }
    guard !showsDifference(in: index), threeUpSubject?.isGuided != true, inspection.channel == nil || !hasChannel(run),
      let image = run.decodedImage(view, at: panes[index].position)?.planes, image.shape.count == 4
    else { return run.tensorSize(view, at: panes[index].position) }
    return Size(columns: image.shape[3], rows: image.shape[2])
  }

  private func hasChannel(_ run: ShownRun) -> Bool {
    inspection.channel(of: run.description.initialNoise) != nil
  }

  /// What a pane's picture is made of, its difference from the reference aside; nil if no step has made it yet.
  package func pictured(of index: Int, _ view: TensorView? = nil) -> PicturedTensor? {
    panes[index].run?.pictured(view ?? self.view, at: panes[index].position, channel: inspection.channel)
  }

  /// The size that the screen is laid out for, which contains every run's pictures.
  package var layoutPictureSize: Size {
    let sizes = panes.compactMap(\.run?.layoutSize)
    guard let columns = sizes.map(\.columns).max(), let rows = sizes.map(\.rows).max() else {
      return Size(columns: 32, rows: 32)
    }
    return Size(columns: columns, rows: rows)
  }

  /// The visible region of the picture and the selected pixel; nil for the whole picture without a selection, and for
  /// maps of attention, which are shown whole.
  package var viewport: Viewport? {
    guard !showsAttention, let zoom, let size = pictureSize else { return nil }
    return zoom.applied(to: size)
  }

  /// How pictures are fitted: while a pixel is selected, every pixel is shown as it is.
  package var fit: PictureFit { viewport == nil ? inspection.fit : .whole }

  /// The same region and pixel in a pane's picture, which may have another size.
  package func viewport(of index: Int) -> Viewport? {
    guard let zoom, let size = pictureSize(of: index) else { return nil }
    return zoom.applied(to: size)
  }

  /// The values of the selected pixel in the focused run; nil if none is selected. The longest text that fits.
  package func readout(columns: Int) -> String? {
    guard let cursor = viewport?.cursor else { return nil }
    let prefix = isComparing ? "run \(focus + 1)  " : ""
    guard let readout = pixelReadout(of: focus, at: cursor) else {
      return "\(prefix)(\(cursor.column), \(cursor.row))  no \(view.label) yet"
    }
    let own = prefix + readout.text(columns: columns - prefix.columns)
    guard isComparing, focus != compare.reference, compare.view == .difference,
      let difference = pane.comparison?.difference,
      let other = PixelReadout(of: difference, at: cursor)
    else { return own }
    let values = zip(other.names, other.values).map { "\($0) \(PixelReadout.exact($1))" }
    let differences = "\(prefix)(\(cursor.column), \(cursor.row))  d " + values.joined(separator: "  ")
    return differences.columns <= columns ? differences : own
  }

  /// The values of a pixel in a pane: those of its decoded image where that is shown, or else of the step's tensor; nil
  /// if there is none yet.
  package func pixelReadout(of index: Int, at cursor: PixelPlace) -> PixelReadout? {
    guard let run = panes[index].run, let pictured = pictured(of: index) else { return nil }
    if pictured.source == .decoded, !showsDifference(in: index) {
      return PixelReadout(of: pictured.tensor, at: cursor, range: .unit)
    }
    let isShownAlone = pictured.source == .values
    return run.tensor(view, at: panes[index].position).flatMap {
      PixelReadout(of: $0, at: cursor, range: isShownAlone ? .signed : nil)
    }
  }

  /// Performs an inspection action.
  mutating func act(_ action: InspectAction) -> [Effect] {
    if showsAttention, let reason = reasonOverAttention(action) {
      notice = reason
      return []
    }
    switch action {
    case .threeUp: show(shownSubject == .step ? nil : .step)
    case .guidance: show(ThreeUpSubject.guided(after: shownSubject))
    case .attention: toggleAttention()
    case .nextPage: turnPage(by: 1)
    case .previousPage: turnPage(by: -1)
    case .zoomIn: zoomIn()
    case .zoomOut: zoomOut()
    case .pixelLeft: movePixel(columns: -1, rows: 0)
    case .pixelRight: movePixel(columns: 1, rows: 0)
    case .pixelUp: movePixel(columns: 0, rows: -1)
    case .pixelDown: movePixel(columns: 0, rows: 1)
    case .clipping: inspection.marksClipping.toggle()
    case .finerScale: rescale(inspection.differenceScale.finer)
    case .coarserScale: rescale(inspection.differenceScale.coarser)
    case .fit:
      inspection.fit = inspection.fit.next
      news =
        inspection.fit == .filling
        ? "pictures fill their panes: areas are averaged" : "pictures have whole pixels, where one fits"
    case .channel: showNextChannel()
    case .decode: return askForDecoding()
    }
    return []
  }

  /// Why an action has nothing to act on while attention is shown; nil if it has.
  private func reasonOverAttention(_ action: InspectAction) -> String? {
    let leaving = "\(pressing(.inspect(.attention))) to leave the attention"
    switch action {
    case .nextPage, .previousPage: return "the plots are beside the pictures: \(leaving)"
    case .zoomIn, .zoomOut, .pixelLeft, .pixelRight, .pixelUp, .pixelDown:
      return "the maps are shown whole, and Enter shows one large: \(leaving)"
    case .finerScale, .coarserScale: return "the scale is that of differences: \(leaving)"
    case .threeUp, .guidance, .attention, .clipping, .fit, .channel, .decode: return nil
    }
  }

  /// The action of a key while a pixel is selected: the arrows move the pixel instead of the step, except in the
  /// gallery, where they move to another image.
  func pixelAction(for key: Key) -> Action? {
    guard viewport != nil, !isInGallery, !isInSweep else { return nil }
    switch key {
    case .left: return .inspect(.pixelLeft)
    case .right: return .inspect(.pixelRight)
    case .up: return .inspect(.pixelUp)
    case .down: return .inspect(.pixelDown)
    default: return nil
    }
  }

  /// The pages that the focused run has.
  package var pages: [PlotPage] {
    PlotPage.allCases.filter { $0 != .prompt || run?.description.takesPrompt == true }
  }

  /// What three pictures show, if nothing lies on them.
  private var shownSubject: ThreeUpSubject? { showsAttention ? nil : threeUpSubject }

  private mutating func show(_ subject: ThreeUpSubject?) {
    if let subject { open(.threeUp(subject)) } else { close(.threeUp) }
  }

  private mutating func turnPage(by distance: Int) {
    let pages = pages
    let place = pages.firstIndex(of: inspection.page) ?? 0
    inspection.page = pages[(place + distance + pages.count) % pages.count]
  }

  private mutating func showNextChannel() {
    guard let tensor = run?.tensor(view, at: position), tensor.shape.count == 4 else { return }
    let next = inspection.channel(of: tensor).map { $0 + 1 } ?? 0
    inspection.channel = next < tensor.shape[1] ? next : nil
    if tensor.shape[1] == 1 {
      inspection.channel = nil
      notice = "the picture has one channel"
    }
  }

  private mutating func zoomIn() {
    guard let size = pictureSize else { return }
    var viewport = viewport ?? Viewport(picture: size)
    if viewport.cursor == nil { viewport.moveCursor(columns: 0, rows: 0) }
    if viewport.factor == viewport.maximumFactor {
      notice = "the pixels are as large as they get: Z shows more of them"
    }
    viewport.zoomIn()
    open(.zoom(viewport))
  }

  private mutating func zoomOut() {
    guard var viewport, viewport.factor > 1 else {
      close(.zoom)
      return
    }
    viewport.zoomOut()
    open(.zoom(viewport))
  }

  private mutating func movePixel(columns: Int, rows: Int) {
    guard let size = pictureSize else { return }
    var viewport = viewport ?? Viewport(picture: size)
    viewport.moveCursor(columns: columns, rows: rows)
    open(.zoom(viewport))
  }

  private mutating func rescale(_ scale: DifferenceScale) {
    if !(isComparing && compare.view == .difference), threeUpSubject?.isGuided != true {
      notice = "the scale is that of differences: \(pressing(.compare(.cyclePaneView))) beside another run to see them"
    }
    inspection.differenceScale = scale
  }
}
