/// Draws a difference picture, with the legend of its scale below: through a renderer in colours, or without colours as
/// signs and tenths, two columns per pixel.
package struct DifferenceView {
  /// The picture to draw.
  package let picture: DifferencePicture
  /// The part of the picture to draw; nil for all of it.
  package let region: PixelRegion?
  /// How the picture is fitted into its part of the screen.
  package let fit: PictureFit
  /// Whether the last row is the legend, where there are at least three.
  package let hasLegend: Bool

  package init(
    picture: DifferencePicture, region: PixelRegion? = nil, fit: PictureFit = .whole, hasLegend: Bool = true
  ) {
    self.picture = picture
    self.region = region
    self.fit = fit
    self.hasLegend = hasLegend
  }

  private func usesSigns(_ look: Look) -> Bool { look.capabilities.colorTier == .mono }

  /// Draws the picture in the middle of a rectangle, with the legend in the last row if there are at least three.
  /// Returns the scale in use; nil where there is no room.
  @discardableResult
  package func draw(
    into frame: inout Frame, in part: Rect, renderer kind: ImageRendererKind, look: Look
  ) -> ImageScale? {
    let hasLegend = self.hasLegend && part.rows >= 3
    let space = part.rows(from: 0, count: part.rows - (hasLegend ? 1 : 0))
    let renderer: any ImageRenderer = usesSigns(look) ? ASCIIRampRenderer() : kind.shown(on: look.capabilities).renderer
    let shown = region ?? PixelRegion(all: Size(columns: picture.columns, rows: picture.rows))
    guard
      let scale = ImageScale.fitting(
        shown.size, renderer, in: Size(columns: space.columns, rows: space.rows), fit: fit)
    else {
      frame.writeMissing("too small", in: space, look: look)
      return nil
    }
    let scaled = ScaledPicture(
      picture: picture.picture(tier: look.capabilities.colorTier), scale: scale, region: shown)
    let cells = renderer.cells(for: scaled.extent)
    let (column, row) = (
      space.column + (space.columns - cells.columns) / 2, space.row + (space.rows - cells.rows) / 2
    )
    if usesSigns(look) {
      drawSigns(scaled, into: &frame, column: column, row: row, look: look)
    } else {
      let drawn = scale.isWhole ? scaled : largest(of: scaled, tier: look.capabilities.colorTier)
      renderer.draw(drawn, into: &frame, column: column, row: row, look: look)
    }
    if hasLegend {
      DifferenceLegend(scale: picture.scale)
        .draw(into: &frame, in: part.rows(from: part.rows - 1, count: 1), look: look)
    }
    return scale
  }

  /// The colours of the largest difference that each shown pixel covers: an average of the colours on both sides would
  /// be that of no difference.
  private func largest(of scaled: ScaledPicture, tier: ColorTier) -> ScaledPicture {
    let shares = (0..<scaled.extent.rows).flatMap { row in
      (0..<scaled.extent.columns).map { picture.share(scaled.sources($0, row)) }
    }
    let largest = DifferencePicture(
      columns: scaled.extent.columns, rows: scaled.extent.rows, scale: picture.scale,
      values: shares.map { Float($0 * picture.scale.limit) })
    return ScaledPicture(picture: largest.picture(tier: tier), scale: ImageScale(zoom: 1, stride: 1))
  }

  private func drawSigns(
    _ scaled: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look
  ) {
    for line in 0..<scaled.extent.rows {
      for place in 0..<scaled.extent.columns {
        let signs = DivergingColorMap.signs(picture.share(scaled.sources(place, line)))
        for (offset, sign) in signs.enumerated() {
          frame[column + 2 * place + offset, row + line] = Cell(sign, look[.text])
        }
      }
    }
  }
}

/// The colours of a difference picture with the values that they stand for.
package struct DifferenceLegend {
  /// The scale at which the colours end.
  package let scale: DifferenceScale

  package init(scale: DifferenceScale) { self.scale = scale }

  /// The legend as text, for captions: the meaning of the two ends and of the middle.
  package func text(tier: ColorTier) -> String {
    tier == .mono
      ? "+1 to +9: tenths of \(scale.label), . below, # beyond, blank 0"
      : "-\(scale.label) blue, 0 white, +\(scale.label) red"
  }

  /// Draws a strip of the colours between its limits, or the text where there are no colours, in the middle of the
  /// first row; less where there is less room.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.rows > 0 else { return }
    let tier = look.capabilities.colorTier
    let (low, high) = ("-\(scale.label) ", " +\(scale.label)")
    let strip = min(33, part.columns - low.columns - high.columns)
    guard tier > .mono, strip >= 3 else {
      let choices = [text(tier: tier), "scale \(scale.label)", scale.label]
      guard let line = choices.first(where: { $0.columns <= part.columns }) else { return }
      return frame.writeCentered(line, look[.dim], in: part, row: part.row)
    }
    let width = low.columns + strip + high.columns
    var column = part.column + (part.columns - width) / 2
    column = frame.write(low, look[.dim], column: column, row: part.row, end: part.endColumn)
    let map = DivergingColorMap(tier: tier)
    // An odd number, so that the middle is zero.
    let places = strip.isMultiple(of: 2) ? strip - 1 : strip
    for place in 0..<places {
      let share = places == 1 ? 0 : 2 * Double(place) / Double(places - 1) - 1
      frame[column + place, part.row] = Cell(" ", Style(background: map.color(share)))
    }
    frame.write(high, look[.dim], column: column + places, row: part.row, end: part.endColumn)
  }
}
