/// An image that accompanies the cells of a frame, for a terminal that can show pixels.
package struct PlacedImage: Sendable, Hashable {
  /// The number by which its cells refer to it, always in ``identifiers``. Equal images have equal numbers, so that an
  /// unchanged image is not sent again. ``Frame/place(_:background:)`` changes it where two images share a number.
  package internal(set) var identifier: Int
  /// The cells that it covers.
  package let place: Rect
  /// The size in pixels.
  package let size: Size
  /// The pixels, row by row: red, green, blue.
  package let bytes: [UInt8]
  /// FNV-1a over the extents and the pixels.
  package let hash: UInt64

  /// The range of image numbers: more than 8 bits, so that they need a 24-bit colour, and a block of their own, so that
  /// all can be freed at once.
  package static let identifiers = 0x40_0000...0x7F_FFFF

  /// Creates an image that fills some cells.
  ///
  /// - Parameter bytes: `3 * size.columns * size.rows` of them.
  package init(size: Size, bytes: [UInt8], place: Rect) {
    self.size = size
    self.place = place
    self.bytes = bytes
    hash = Self.hash(bytes, size, place)
    let numbers = Self.identifiers
    identifier = numbers.lowerBound + Int((hash ^ hash >> 32) % UInt64(numbers.count))
  }

  /// The colour of its cells, which encodes its number.
  package var color: RGB {
    RGB(UInt8(identifier >> 16 & 255), UInt8(identifier >> 8 & 255), UInt8(identifier & 255))
  }

  /// The pixel at a position; black outside.
  package subscript(column: Int, row: Int) -> RGB {
    guard (0..<size.columns).contains(column), (0..<size.rows).contains(row) else { return RGB(0, 0, 0) }
    let start = 3 * (row * size.columns + column)
    return RGB(bytes[start], bytes[start + 1], bytes[start + 2])
  }

  private static func hash(_ bytes: [UInt8], _ size: Size, _ place: Rect) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ value: Int) { hash = (hash ^ UInt64(truncatingIfNeeded: value)) &* 0x100_0000_01b3 }
    for extent in [size.columns, size.rows, place.columns, place.rows] { add(extent) }
    for byte in bytes { add(Int(byte)) }
    return hash
  }
}

/// The combining characters with which a placeholder cell of kitty's graphics protocol encodes its row and column: the
/// 297 of `rowcolumn-diacritics.txt` in kitty's documentation. They are the nonspacing marks of combining class 230 in
/// Unicode 6.0 that no normalisation changes or fuses.
package enum KittyDiacritics {
  /// The placeholder itself, a private-use character.
  package static let placeholder: Unicode.Scalar = "\u{10EEEE}"

  private static let ranges: [ClosedRange<UInt32>] = [
    0x305...0x305, 0x30D...0x30E, 0x310...0x310, 0x312...0x312, 0x33D...0x33F, 0x346...0x346, 0x34A...0x34C,
    0x350...0x352, 0x357...0x357, 0x35B...0x35B, 0x363...0x36F, 0x483...0x487, 0x592...0x595, 0x597...0x599,
    0x59C...0x5A1, 0x5A8...0x5A9, 0x5AB...0x5AC, 0x5AF...0x5AF, 0x5C4...0x5C4, 0x610...0x617, 0x657...0x65B,
    0x65D...0x65E, 0x6D6...0x6DC, 0x6DF...0x6E2, 0x6E4...0x6E4, 0x6E7...0x6E8, 0x6EB...0x6EC, 0x730...0x730,
    0x732...0x733, 0x735...0x736, 0x73A...0x73A, 0x73D...0x73D, 0x73F...0x741, 0x743...0x743, 0x745...0x745,
    0x747...0x747, 0x749...0x74A, 0x7EB...0x7F1, 0x7F3...0x7F3, 0x816...0x819, 0x81B...0x823, 0x825...0x827,
    0x829...0x82D, 0x951...0x951, 0x953...0x954, 0xF82...0xF83, 0xF86...0xF87, 0x135D...0x135F, 0x17DD...0x17DD,
    0x193A...0x193A, 0x1A17...0x1A17, 0x1A75...0x1A7C, 0x1B6B...0x1B6B, 0x1B6D...0x1B73, 0x1CD0...0x1CD2,
    0x1CDA...0x1CDB, 0x1CE0...0x1CE0, 0x1DC0...0x1DC1, 0x1DC3...0x1DC9, 0x1DCB...0x1DCC, 0x1DD1...0x1DE6,
    0x1DFE...0x1DFE, 0x20D0...0x20D1, 0x20D4...0x20D7, 0x20DB...0x20DC, 0x20E1...0x20E1, 0x20E7...0x20E7,
    0x20E9...0x20E9, 0x20F0...0x20F0, 0x2CEF...0x2CF1, 0x2DE0...0x2DFF, 0xA66F...0xA66F, 0xA67C...0xA67D,
    0xA6F0...0xA6F1, 0xA8E0...0xA8F1, 0xAAB0...0xAAB0, 0xAAB2...0xAAB3, 0xAAB7...0xAAB8, 0xAABE...0xAABF,
    0xAAC1...0xAAC1, 0xFE20...0xFE26, 0x10A0F...0x10A0F, 0x10A38...0x10A38, 0x1D185...0x1D189, 0x1D1AA...0x1D1AD,
    0x1D242...0x1D244,
  ]
  /// The diacritics; each encodes its index.
  package static let scalars: [Unicode.Scalar] = ranges.flatMap { $0.compactMap { Unicode.Scalar($0) } }

  /// The number of rows or columns that can be encoded.
  package static var count: Int { scalars.count }

  /// The character of a placeholder cell; nil past ``count``.
  package static func cell(row: Int, column: Int) -> Character? {
    guard scalars.indices.contains(row), scalars.indices.contains(column) else { return nil }
    var text = String.UnicodeScalarView()
    text.append(placeholder)
    text.append(scalars[row])
    text.append(scalars[column])
    return String(text).first
  }

  /// Whether a cell's character is a placeholder.
  package static func isPlaceholder(_ character: Character) -> Bool {
    character.unicodeScalars.first == placeholder
  }
}
