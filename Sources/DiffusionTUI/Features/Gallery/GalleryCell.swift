import DiffusionCore

/// One seed of the gallery: its image or progress, and its number.
package struct GalleryCell {
  package let state: State
  package let layout: GalleryLayout
  package let index: Int

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard let gallery = state.gallery else { return }
    let seed = gallery.seed(at: index)
    let column = part.column + max(0, (part.columns - layout.picture.columns) / 2)
    let place = Rect(
      column: column, row: part.row, columns: layout.picture.columns, rows: layout.picture.rows)
    if let scale = layout.scale {
      if let picture = state.galleryImages.store.image(of: seed)?.picture {
        draw(picture, into: &frame, in: place, scale, look)
      } else {
        drawAbsence(of: seed, into: &frame, in: place, look)
      }
    }
    if layout.hasLabels {
      drawLabel(gallery, seed, into: &frame, in: part.rows(from: layout.picture.rows, count: 1), look)
    } else if index == gallery.cursor {
      // Without a row for labels the cursor is on the image.
      let label = Rect(column: part.column, row: part.row, columns: min(part.columns, 4), rows: 1)
      drawLabel(gallery, seed, into: &frame, in: label, look)
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

  private func drawAbsence(of seed: Seed, into frame: inout Frame, in part: Rect, _ look: Look) {
    let batch = state.galleryImages.batch
    let (text, role): (String, ThemeRole) =
      if state.galleryImages.store.failure(of: seed) != nil {
        ("failed", .alarm)
      } else if batch.seeds.contains(seed) {
        (batch.stepCount > 0 ? "\(batch.completedSteps)/\(batch.stepCount)" : "...", .accent)
      } else {
        (String(look.glyph("\u{00B7}", ".")), .dim)
      }
    frame.writeCentered(text, look[role], in: part, row: part.row + max(0, part.rows - 1) / 2)
  }

  /// Draws the seed's number, and a sign if it is marked. A number that is too long keeps its end, where neighbouring
  /// seeds differ.
  private func drawLabel(_ gallery: Gallery, _ seed: Seed, into frame: inout Frame, in part: Rect, _ look: Look) {
    let isMarked = gallery.marks.contains(seed)
    let sign = isMarked ? String(look.glyph("\u{25CF}", "*")) : ""
    let number = String(seed.number)
    let space = max(0, part.columns - sign.columns)
    let text = sign + (number.count <= space ? number : String(number.suffix(space)))
    let style =
      index == gallery.cursor
      ? look.style(.accent, adding: [.reverse, .bold]) : look[isMarked ? .accent : .dim]
    let padded = index == gallery.cursor && text.columns + 2 <= part.columns ? " \(text) " : text
    frame.writeCentered(padded, style, in: part, row: part.row)
  }
}
