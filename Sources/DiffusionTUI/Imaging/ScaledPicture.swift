/// A region of a picture at a scale, by nearest neighbour: every shown pixel is one of the picture's.
package struct ScaledPicture: Sendable {
  /// The picture.
  package let picture: Picture
  /// The scale.
  package let scale: ImageScale
  /// The region that is shown.
  package let region: PixelRegion

  /// - Parameter region: The region to show; nil for the whole picture.
  package init(picture: Picture, scale: ImageScale, region: PixelRegion? = nil) {
    self.picture = picture
    self.scale = scale
    self.region = region ?? PixelRegion(all: picture.size)
  }

  /// The number of shown pixels, across and down.
  package var extent: Size { scale.extent(of: region.size) }

  /// The shown pixel at a position.
  package subscript(column: Int, row: Int) -> RGB {
    let place = source(column, row)
    return picture[place.column, place.row]
  }

  /// The mark of the shown pixel at a position.
  package func mark(column: Int, row: Int) -> PixelMark {
    guard picture.hasMarks else { return .none }
    let place = source(column, row)
    return picture.mark(column: place.column, row: place.row)
  }

  /// The position in the picture of the shown pixel at a position.
  package func source(_ column: Int, _ row: Int) -> PixelPlace {
    PixelPlace(
      column: region.column + column / scale.zoom * scale.stride, row: region.row + row / scale.zoom * scale.stride)
  }
}
