import DiffusionCore

/// One entry of the gallery: its image or progress, and its seed or prompt.
package struct GalleryCell {
  package let state: State
  package let layout: GalleryLayout
  package let index: Int

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard let gallery = state.gallery else { return }
    let entry = gallery.entries[index]
    let column = part.column + max(0, (part.columns - layout.picture.columns) / 2)
    let place = Rect(
      column: column, row: part.row, columns: layout.picture.columns, rows: layout.picture.rows)
    if let scale = layout.scale {
      if let picture = state.galleryImages.store.image(of: entry)?.picture {
        draw(picture, into: &frame, in: place, scale, look)
      } else {
        drawAbsence(of: entry, into: &frame, in: place, look)
      }
    }
    if layout.hasLabels {
      drawLabel(gallery, entry, on: layout.page, into: &frame, in: part.rows(from: layout.picture.rows, count: 1), look)
    } else if index == gallery.cursor {
      // Without a row for labels the cursor is on the image.
      let label = Rect(column: part.column, row: part.row, columns: min(part.columns, 4), rows: 1)
      drawLabel(gallery, entry, on: layout.page, into: &frame, in: label, look)
    }
  }

  /// Draws an image. One that does not have the planned size, because the model just changed, is scaled to fit.
  private func draw(_ picture: Picture, into frame: inout Frame, in part: Rect, _ scale: ImageScale, _ look: Look) {
    let renderer = state.shownRenderer.renderer
    let isUsual = picture.size == state.galleryPixels
    guard
      let scale = isUsual ? scale : ImageScale.fitting(picture.size, renderer, in: part.size, fit: state.inspection.fit)
    else { return }
    renderer.draw(
      ScaledPicture(picture: picture, scale: scale), into: &frame, column: part.column, row: part.row, look: look)
  }

  private func drawAbsence(of entry: GalleryEntry, into frame: inout Frame, in part: Rect, _ look: Look) {
    let batch = state.galleryImages.batch
    let (text, role): (String, ThemeRole) =
      if state.galleryImages.store.failure(of: entry) != nil {
        ("failed", .alarm)
      } else if batch.entries.contains(entry) {
        (batch.stepCount > 0 ? "\(batch.completedSteps)/\(batch.stepCount)" : "...", .accent)
      } else {
        (String(look.glyph("\u{00B7}", ".")), .dim)
      }
    frame.writeCentered(text, look[role], in: part, row: part.row + max(0, part.rows - 1) / 2)
  }

  /// Draws the seed's number, the prompt or the class, and a sign if it is marked. A number that is too long keeps its
  /// end, where neighbouring seeds differ; a prompt or a class what tells it from the others on the page.
  private func drawLabel(
    _ gallery: Gallery, _ entry: GalleryEntry, on page: Range<Int>, into frame: inout Frame, in part: Rect, _ look: Look
  ) {
    let isMarked = gallery.marks.contains(entry)
    let sign = isMarked ? String(look.glyph("\u{25CF}", "*")) : ""
    let space = max(0, part.columns - sign.columns), label = entry.label
    let text = sign + (label.columns <= space ? label : shortened(label, columns: space, on: page, of: gallery))
    let style =
      index == gallery.cursor
      ? look.style(.accent, adding: [.reverse, .bold]) : look[isMarked ? .accent : .dim]
    let padded = index == gallery.cursor && text.columns + 2 <= part.columns ? " \(text) " : text
    frame.writeCentered(padded, style, in: part, row: part.row)
  }

  private func shortened(_ label: String, columns: Int, on page: Range<Int>, of gallery: Gallery) -> String {
    guard gallery.entries.haveOneSeed else { return label.suffix(columns: columns) }
    return label.shortened(columns: columns, among: page.map { gallery.entries[$0].label })
  }
}
