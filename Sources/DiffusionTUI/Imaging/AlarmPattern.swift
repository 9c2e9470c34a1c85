/// The look of NaN and infinity in a picture: letters on a checkerboard. No image produces letters, since images
/// consist of blocks, ramps and dots alone.
package enum AlarmPattern {
  /// The letter of a mark: `N` for NaN, `I` for infinity; nil for none.
  package static func letter(_ mark: PixelMark) -> Character? {
    switch mark {
    case .none: nil
    case .notANumber: "N"
    case .infinite: "I"
    }
  }

  /// The cell at a position on the screen; nil without a mark.
  ///
  /// - Parameter neighbor: The colour of the cell's other pixel, if that has no mark: it stays visible behind the
  ///   letter.
  package static func cell(_ mark: PixelMark, column: Int, row: Int, neighbor: RGB? = nil, look: Look) -> Cell? {
    guard let letter = letter(mark) else { return nil }
    let isEven = (column + row).isMultiple(of: 2)
    guard look.capabilities.colorTier > .mono else {
      return Cell(letter, Style(attributes: isEven ? [.bold, .reverse] : .bold))
    }
    let alarm = Picture.notANumber
    if let neighbor { return Cell(letter, Style(foreground: alarm, background: neighbor, attributes: .bold)) }
    let black = RGB(0, 0, 0)
    return Cell(
      letter,
      Style(foreground: isEven ? alarm : black, background: isEven ? black : alarm, attributes: .bold))
  }
}

/// Something about a pixel that its colour cannot show.
package enum PixelMark: UInt8, Sendable {
  /// Nothing: the colour is enough.
  case none
  /// At least one channel is NaN.
  case notANumber
  /// At least one channel is infinite, and none is NaN.
  case infinite

  /// Creates the most serious mark of some values.
  package init(_ values: Float...) {
    self = values.contains(where: \.isNaN) ? .notANumber : values.contains(where: \.isInfinite) ? .infinite : .none
  }
}
