/// How NaN and infinity look in a picture: letters on a checkerboard, which no image produces, since images are made of
/// blocks, ramps and dots alone.
package enum AlarmPattern {
  /// The letter of a mark: `N` for NaN, `I` for infinity; nil for none.
  package static func letter(_ mark: PixelMark) -> Character? {
    switch mark {
    case .none: nil
    case .notANumber: "N"
    case .infinite: "I"
    }
  }

  /// The cell at a place of the screen; nil without a mark.
  ///
  /// - Parameter neighbor: The colour of the cell's other pixel, if that is none to be alarmed about: it stays to be
  ///   seen behind the letter.
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

/// What a pixel cannot say by its colour.
package enum PixelMark: UInt8, Sendable {
  /// Its colour says it all.
  case none
  /// A channel of it is NaN.
  case notANumber
  /// A channel of it is infinite, and none is NaN.
  case infinite

  /// The worst of some values.
  package init(_ values: Float...) {
    self = values.contains(where: \.isNaN) ? .notANumber : values.contains(where: \.isInfinite) ? .infinite : .none
  }
}
