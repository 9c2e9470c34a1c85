/// A region of a picture at a scale. At a whole-number scale every shown pixel is one of the picture's; otherwise it is
/// the average of the area that it covers, each pixel weighted by how much of it is covered. The average is of the
/// levels 0 to 255 that the picture has (sRGB, as `Image.resize` with `BOX` in Pillow), in whole numbers, and rounded
/// half up, so that it is the same everywhere.
package struct ScaledPicture: Sendable {
  /// The picture.
  package let picture: Picture
  /// The scale.
  package let scale: ImageScale
  /// The region that is shown.
  package let region: PixelRegion
  /// The number of shown pixels, across and down.
  package let extent: Size
  /// The averages; nil at a whole-number scale.
  private let averages: Picture?

  /// - Parameter region: The region to show; nil for the whole picture.
  package init(picture: Picture, scale: ImageScale, region: PixelRegion? = nil) {
    let shown = region ?? PixelRegion(all: picture.size)
    (self.picture, self.scale, self.region) = (picture, scale, shown)
    extent = scale.extent(of: shown.size)
    averages = scale.isWhole ? nil : AreaAverage(picture, region: shown, extent: extent).picture
  }

  /// The shown pixel at a position.
  package subscript(column: Int, row: Int) -> RGB {
    if let averages { return averages[column, row] }
    let place = source(column, row)
    return picture[place.column, place.row]
  }

  /// The mark of the shown pixel at a position: the most serious of the pixels that it covers.
  package func mark(column: Int, row: Int) -> PixelMark {
    guard picture.hasMarks else { return .none }
    if let averages { return averages.mark(column: column, row: row) }
    let place = source(column, row)
    return picture.mark(column: place.column, row: place.row)
  }

  /// The pixel of the picture in the middle of the shown pixel at a position.
  package func source(_ column: Int, _ row: Int) -> PixelPlace {
    PixelPlace(
      column: region.column + (2 * column + 1) * region.columns / (2 * max(1, extent.columns)),
      row: region.row + (2 * row + 1) * region.rows / (2 * max(1, extent.rows)))
  }

  /// The pixels of the picture that the shown pixel at a position covers, at least in part.
  package func sources(_ column: Int, _ row: Int) -> PixelRegion {
    let across = AreaAverage.span(column, of: extent.columns, pixels: region.columns)
    let down = AreaAverage.span(row, of: extent.rows, pixels: region.rows)
    return PixelRegion(
      column: region.column + across.lowerBound, row: region.row + down.lowerBound, columns: across.count,
      rows: down.count)
  }

  /// The shown pixels that show a pixel of the region, at least in part.
  package func shown(of place: PixelPlace) -> PixelRegion {
    let across = AreaAverage.span(place.column - region.column, of: region.columns, pixels: extent.columns)
    let down = AreaAverage.span(place.row - region.row, of: region.rows, pixels: extent.rows)
    return PixelRegion(column: across.lowerBound, row: down.lowerBound, columns: across.count, rows: down.count)
  }
}

/// A region of a picture resampled by exact area averaging.
struct AreaAverage {
  /// The averages.
  let picture: Picture

  /// The pixels that one of a number of equal parts covers, at least in part.
  static func span(_ part: Int, of parts: Int, pixels: Int) -> Range<Int> {
    let parts = max(1, parts)
    return part * pixels / parts..<max(part * pixels / parts + 1, ((part + 1) * pixels + parts - 1) / parts)
  }

  /// The weights of the pixels in ``span(_:of:pixels:)``; their sum is the number of pixels.
  private static func weights(_ part: Int, of parts: Int, pixels: Int) -> [(index: Int, weight: Int)] {
    span(part, of: parts, pixels: pixels).map { index in
      (index, min((part + 1) * pixels, (index + 1) * parts) - max(part * pixels, index * parts))
    }
  }

  init(_ source: Picture, region: PixelRegion, extent: Size) {
    let across = (0..<extent.columns).map { Self.weights($0, of: extent.columns, pixels: region.columns) }
    let sums = (0..<region.rows).map { row in
      across.map { parts in
        parts.reduce(into: SIMD4<Int>()) { sum, part in
          let pixel = source[region.column + part.index, region.row + row]
          sum &+= part.weight &* SIMD4(Int(pixel.red), Int(pixel.green), Int(pixel.blue), 0)
        }
      }
    }
    let area = region.columns * region.rows
    var pixels: [RGB] = []
    var marks: [PixelMark] = []
    for row in 0..<extent.rows {
      let down = Self.weights(row, of: extent.rows, pixels: region.rows)
      for column in 0..<extent.columns {
        let sum = down.reduce(SIMD4<Int>()) { $0 &+ $1.weight &* sums[$1.index][column] }
        func level(_ sum: Int) -> UInt8 { UInt8(clamping: (2 * sum + area) / max(1, 2 * area)) }
        let mark = source.hasMarks ? Self.mark(source, region, across[column], down) : .none
        pixels.append(mark == .none ? RGB(level(sum.x), level(sum.y), level(sum.z)) : Picture.notANumber)
        if source.hasMarks { marks.append(mark) }
      }
    }
    picture = Picture(columns: extent.columns, rows: extent.rows, pixels: pixels, marks: marks)
  }

  /// The most serious mark of some pixels.
  private static func mark(
    _ source: Picture, _ region: PixelRegion, _ across: [(index: Int, weight: Int)],
    _ down: [(index: Int, weight: Int)]
  ) -> PixelMark {
    var worst = PixelMark.none
    for row in down {
      for column in across {
        let mark = source.mark(column: region.column + column.index, row: region.row + row.index)
        if mark == .notANumber { return mark }
        if mark != .none { worst = mark }
      }
    }
    return worst
  }
}
