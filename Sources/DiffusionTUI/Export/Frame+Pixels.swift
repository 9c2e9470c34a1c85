extension Frame {
  /// The two pixels that a placeholder cell of an image shows, one above the other; nil for other cells.
  func pixels(of cell: Cell) -> (upper: RGB, lower: RGB)? {
    guard !images.isEmpty, KittyDiacritics.isPlaceholder(cell.character),
      let image = images.first(where: { $0.color == cell.style.foreground })
    else { return nil }
    let indices = cell.character.unicodeScalars.dropFirst().compactMap { KittyDiacritics.scalars.firstIndex(of: $0) }
    guard indices.count == 2 else { return nil }
    // Pixels are square, and so one share holds for both directions.
    let column = indices[1] * image.size.columns / image.place.columns
    let rows = [2 * indices[0], 2 * indices[0] + 1].map { $0 * image.size.columns / image.place.columns }
    let behind = cell.style.background ?? RGB(0, 0, 0)
    return (image[column, rows[0]], rows[1] < image.size.rows ? image[column, rows[1]] : behind)
  }
}
