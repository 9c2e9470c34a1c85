/// An image that stands in a frame beside its cells, for a terminal that can show pixels.
package struct PlacedImage: Sendable, Hashable {
  /// The number by which its cells name it: always in ``identifiers``, and of the same content the same, so that an image
  /// that has not changed is not sent again. ``Frame/place(_:background:)`` changes it where two images fall on one number.
  package internal(set) var identifier: Int
  /// The cells that it takes.
  package let place: Rect
  /// How many pixels, across and down.
  package let size: Size
  /// The pixels, row by row: red, green, blue.
  package let bytes: [UInt8]
  /// FNV-1a over the extents and the pixels.
  package let hash: UInt64

  /// The numbers that images get: more than 8 bits, so that they take a 24-bit colour, and a block of their own, so that all
  /// can be freed at once.
  package static let identifiers = 0x40_0000...0x7F_FFFF

  /// A part of a picture that fills some cells; nil without pixels or cells.
  ///
  /// Each pixel is sent once and enlarged by the terminal. Where there are NaN or infinity, each is sent as a square of
  /// 4 by 4, which for those is a checkerboard.
  package init?(_ picture: ScaledPicture, place: Rect) {
    let single = ImageScale(zoom: 1, stride: picture.scale.stride)
    let shown = ScaledPicture(picture: picture.picture, scale: single, region: picture.region)
    let grain = picture.picture.hasMarks ? 4 : 1
    let extent = shown.extent
    guard extent.columns > 0, extent.rows > 0, place.columns > 0, place.rows > 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * extent.columns * extent.rows * grain * grain)
    for row in 0..<extent.rows * grain {
      for column in 0..<extent.columns * grain {
        let isMarked = shown.mark(column: column / grain, row: row / grain) != .none
        let isDark = isMarked && !(column + row).isMultiple(of: 2)
        let pixel = isDark ? RGB(0, 0, 0) : shown[column / grain, row / grain]
        bytes.append(pixel.red)
        bytes.append(pixel.green)
        bytes.append(pixel.blue)
      }
    }
    size = Size(columns: extent.columns * grain, rows: extent.rows * grain)
    self.place = place
    self.bytes = bytes
    hash = Self.hash(bytes, size, place)
    let numbers = Self.identifiers
    identifier = numbers.lowerBound + Int((hash ^ hash >> 32) % UInt64(numbers.count))
  }

  /// The colour of its cells, which is how they name it.
  package var color: RGB {
    RGB(UInt8(identifier >> 16 & 255), UInt8(identifier >> 8 & 255), UInt8(identifier & 255))
  }

  /// The pixel at a place; black outside.
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
