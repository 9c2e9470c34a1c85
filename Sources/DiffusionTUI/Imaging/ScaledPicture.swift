/// A picture at a scale, by nearest neighbour: no pixel that is shown is other than one of the picture's.
package struct ScaledPicture: Sendable {
  /// The picture.
  package let picture: Picture
  /// The scale.
  package let scale: ImageScale

  package init(picture: Picture, scale: ImageScale) {
    self.picture = picture
    self.scale = scale
  }

  /// How many shown pixels, across and down.
  package var extent: Size { scale.extent(of: Size(columns: picture.columns, rows: picture.rows)) }

  /// The shown pixel at a place.
  package subscript(column: Int, row: Int) -> RGB {
    picture[column / scale.zoom * scale.stride, row / scale.zoom * scale.stride]
  }
}
