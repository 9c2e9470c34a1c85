/// The block mosaics with a character for every pattern of filled pixels.
package enum MosaicGrid: Sendable, CaseIterable {
  /// Two across and two down: U+2580 to U+259F.
  case quadrant
  /// Two across and three down: U+1FB00 to U+1FB3B, from Unicode 13.
  case sextant
  /// Two across and four down: U+2800 to U+28FF, as dots.
  case braille

  /// The number of pixels in a cell, across and down.
  package var size: Size {
    switch self {
    case .quadrant: Size(columns: 2, rows: 2)
    case .sextant: Size(columns: 2, rows: 3)
    case .braille: Size(columns: 2, rows: 4)
    }
  }

  private static let quadrants = Array(
    " \u{2598}\u{259D}\u{2580}\u{2596}\u{258C}\u{259E}\u{259B}"
      + "\u{2597}\u{259A}\u{2590}\u{259C}\u{2584}\u{2599}\u{259F}\u{2588}"
  )
  /// Unicode numbers the dots of the older six-dot braille column by column, and then those of the fourth row.
  private static let dots = [0, 3, 1, 4, 2, 5, 6, 7]

  /// The character of a mask whose bit i stands for pixel i, row by row.
  package func character(_ mask: Int) -> Character {
    switch self {
    case .quadrant: return Self.quadrants[mask & 15]
    case .sextant: return Self.sextant(mask & 63)
    case .braille:
      let pattern = Self.dots.indices.reduce(0) { $0 | (mask >> $1 & 1) << Self.dots[$1] }
      return Character(Unicode.Scalar(UInt32(0x2800 + pattern)) ?? " ")
    }
  }

  /// The sextant of a mask. Unicode already had the left half, the right half and the full block, and omits them here.
  private static func sextant(_ mask: Int) -> Character {
    switch mask {
    case 0: return " "
    case 0b010101: return "\u{258C}"
    case 0b101010: return "\u{2590}"
    case 63: return "\u{2588}"
    default:
      let place = mask - 1 - (mask > 0b010101 ? 1 : 0) - (mask > 0b101010 ? 1 : 0)
      return Character(Unicode.Scalar(UInt32(0x1FB00 + place)) ?? " ")
    }
  }

  /// The grid and mask of a character that this type produces; nil for others, and for those that are only halves.
  package static func reading(_ character: Character) -> (grid: MosaicGrid, mask: Int)? {
    guard character.unicodeScalars.count == 1, let code = character.unicodeScalars.first.map({ Int($0.value) }) else {
      return nil
    }
    switch code {
    case 0x258C, 0x2590, 0x2596...0x259F:
      return quadrants.firstIndex(of: character).map { (.quadrant, $0) }
    case 0x1FB00...0x1FB3B:
      let place = code - 0x1FB00 + 1
      return (.sextant, place + (place >= 0b010101 ? 1 : 0) + (place >= 0b101010 - 1 ? 1 : 0))
    case 0x2800...0x28FF:
      let pattern = code - 0x2800
      return (.braille, dots.indices.reduce(0) { $0 | (pattern >> dots[$1] & 1) << $1 })
    default: return nil
    }
  }
}
