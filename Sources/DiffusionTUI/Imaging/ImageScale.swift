/// How a picture is fitted into its pane.
package enum PictureFit: String, Sendable, CaseIterable {
  /// As large as the pane allows, by averaging areas; a whole-number scale where it fills the pane nearly as well.
  case filling
  /// Every pixel a whole number of times, or 1/k where not even one fits.
  case whole

  /// The scale may be this much smaller than the largest one if its pixels are whole: nine tenths.
  static let tolerance = (part: 9, of: 10)
}

/// The scale of a picture: shown pixels for each of its pixels, as a fraction in lowest terms. At a whole number every
/// pixel is repeated; otherwise a shown pixel is the average of the area that it covers.
package struct ImageScale: Sendable, Equatable {
  /// Shown pixels, down, for a number of pixels.
  package let numerator, denominator: Int
  /// The shape of the shown pixels, as in ``ImageRenderer/pixelShape``.
  package let pixelShape: Size

  /// Creates a scale of some shown pixels for a number of pixels; values below 1 become 1.
  package init(_ shown: Int, of pixels: Int, pixelShape: Size = Size(columns: 1, rows: 1)) {
    let (shown, pixels) = (max(1, shown), max(1, pixels))
    let divisor = Self.greatestDivisor(shown, pixels)
    (numerator, denominator, self.pixelShape) = (shown / divisor, pixels / divisor, pixelShape)
  }

  /// Creates a scale of square pixels: enlarged a whole number of times, or reduced to 1/k.
  package init(zoom: Int, stride: Int) {
    self.init(max(1, zoom), of: max(1, stride))
  }

  /// The scale as a number.
  package var ratio: Double { Double(numerator) / Double(denominator) }
  /// How often each pixel is repeated across and down; nil if areas are averaged.
  package var repeats: Size? {
    let across = numerator * pixelShape.columns
    guard denominator == 1, across.isMultiple(of: pixelShape.rows) else { return nil }
    return Size(columns: across / pixelShape.rows, rows: numerator)
  }
  /// Whether every pixel is shown as it is.
  package var isWhole: Bool { repeats != nil }
  /// How often each pixel is repeated, down; nil if areas are averaged.
  package var zoom: Int? { repeats?.rows }

  /// The scale as the screen shows it: `2x`, `1x`, `1/2, averaged`, `1.4x, averaged`.
  package var label: String {
    if isWhole { return "\(numerator)x" }
    return (numerator == 1 && denominator > 1 ? "1/\(denominator)" : NumberText.fixed(ratio, 1) + "x") + ", averaged"
  }

  /// The number of shown pixels of a picture, rounded to the nearest; at least one each way.
  package func extent(of pixels: Size) -> Size {
    func scaled(_ count: Int, _ factor: Int, _ divisor: Int) -> Int {
      max(1, (2 * count * factor + divisor) / (2 * divisor))
    }
    return Size(
      columns: scaled(pixels.columns, numerator * pixelShape.columns, denominator * pixelShape.rows),
      rows: scaled(pixels.rows, numerator, denominator))
  }

  /// The scale at which a picture fits into some cells; nil where that would leave fewer than eight pixels on a side
  /// that has more.
  package static func fitting(
    _ pixels: Size, _ renderer: any ImageRenderer, in space: Size, fit: PictureFit
  ) -> ImageScale? {
    guard pixels.columns > 0, pixels.rows > 0 else { return nil }
    let side = max(pixels.columns, pixels.rows), shape = renderer.pixelShape
    func scale(_ shown: Int, of pixels: Int) -> ImageScale { ImageScale(shown, of: pixels, pixelShape: shape) }
    func fits(_ scale: ImageScale) -> Bool {
      let cells = renderer.cells(for: scale.extent(of: pixels))
      return cells.columns <= space.columns && cells.rows <= space.rows
    }
    // The most shown pixels of the longer side.
    var (most, tooMany) = (0, 1 + 8 * max(space.columns, space.rows))
    while tooMany - most > 1 {
      let middle = (most + tooMany) / 2
      if fits(scale(middle, of: side)) { most = middle } else { tooMany = middle }
    }
    guard most > 0 else { return nil }
    let largest = scale(most, of: side)
    let least = Size(columns: min(8, pixels.columns), rows: min(8, pixels.rows))
    func isEnough(_ scale: ImageScale) -> Bool {
      let extent = scale.extent(of: pixels)
      return extent.columns >= least.columns && extent.rows >= least.rows
    }
    // The largest whole multiple or whole fraction. Pixels that are not square may take several at once.
    let step = wholeStep(shape)
    let multiple = most / side / step * step
    let whole = multiple > 0 ? scale(multiple, of: 1) : scale(1, of: (side + most - 1) / most)
    let isClose =
      whole.numerator * side * PictureFit.tolerance.of
      >= most * whole.denominator * PictureFit.tolerance.part
    let chosen = fits(whole) && (isClose || fit == .whole && (multiple > 0 || most < side)) ? whole : largest
    return [chosen, largest].first(where: isEnough)
  }

  /// The smallest number of shown pixels, down, at which pixels of a shape are repeated whole times both ways.
  static func wholeStep(_ shape: Size) -> Int { shape.rows / greatestDivisor(shape.columns, shape.rows) }

  private static func greatestDivisor(_ left: Int, _ right: Int) -> Int {
    var (left, right) = (left, right)
    while right > 0 { (left, right) = (right, left % right) }
    return max(1, left)
  }
}
