/// A part of a picture at a scale, by nearest neighbour: no pixel that is shown is other than one of the picture's.
package struct ScaledPicture: Sendable {
  /// The picture.
  package let picture: Picture
  /// The scale.
  package let scale: ImageScale
  /// The part that is shown.
  package let region: PixelRegion

  /// - Parameter region: The part to show; nil for all of it.
  package init(picture: Picture, scale: ImageScale, region: PixelRegion? = nil) {
    self.picture = picture
    self.scale = scale
    self.region = region ?? PixelRegion(all: picture.size)
  }

  /// How many shown pixels, across and down.
  package var extent: Size { scale.extent(of: region.size) }

  /// The shown pixel at a place.
  package subscript(column: Int, row: Int) -> RGB {
    let place = source(column, row)
    return picture[place.column, place.row]
  }

  /// What the shown pixel at a place cannot say by its colour.
  package func mark(column: Int, row: Int) -> PixelMark {
    guard picture.hasMarks else { return .none }
    let place = source(column, row)
    return picture.mark(column: place.column, row: place.row)
  }

  /// Where the shown pixel at a place is in the picture.
  package func source(_ column: Int, _ row: Int) -> PixelPlace {
    PixelPlace(
      column: region.column + column / scale.zoom * scale.stride, row: region.row + row / scale.zoom * scale.stride)
  }
}
