import DiffusionCore

/// The picture of the shown tensor and a caption that explains it.
package struct PicturePane {
  package let state: State
  package let layout: Layout

  package func draw(into frame: inout Frame, look: Look) {
    guard let part = layout.picture, let usual = layout.scale else { return }
    guard let pictured = state.pictured(of: state.focus), let picture = state.inspection.picture(of: pictured) else {
      return drawAbsence(into: &frame, in: part, look: look)
    }
    let renderer = state.shownRenderer.renderer
    // The pictures of another stage have another size, and a scale of their own.
    let hasStages = state.run?.description.stages.isEmpty == false
    let isUsual = !hasStages || state.viewport != nil || picture.size == state.layoutPictureSize
    let own = isUsual ? nil : ImageScale.fitting(picture.size, renderer, in: part.size, fit: state.fit)
    let scale = own ?? usual
    let scaled = ScaledPicture(picture: picture, scale: scale, region: state.viewport?.region)
    let cells = renderer.cells(for: scaled.extent)
    let column = part.column + max(0, (part.columns - cells.columns) / 2)
    let row = part.row + max(0, (part.rows - cells.rows) / 2)
    renderer.draw(scaled, into: &frame, column: column, row: row, look: look)
    if let cursor = state.viewport?.cursor {
      PixelCursor(place: cursor).draw(
        into: &frame, on: scaled, renderer: renderer, column: column, row: row, look: look)
    }
    if let caption = layout.caption {
      let showsClipped = !DetailPanel.showsClipped(state, in: layout.statistics)
      PictureCaption(state: state, scaled: scaled, tensor: pictured.tensor, showsClipped: showsClipped)
        .draw(into: &frame, in: caption, look: look)
    }
  }

  private func drawAbsence(into frame: inout Frame, in part: Rect, look: Look) {
    let lines: [String]
    if let embedding = EmbeddingText(state) {
      lines = embedding.lines
    } else if state.run == nil {
      lines =
        state.pending == nil
        ? [state.absence, "", "edit a setting or \(state.pressing(.run(.restart)))"] : [state.absence]
    } else if part.columns >= 34 {
      lines = [
        "no \(state.view.label) yet", "", "\(state.pressing(.playback(.stepForward))) to take", "the first step",
      ]
    } else {
      lines = ["not yet:", state.pressing(.playback(.stepForward))]
    }
    let top = part.row + max(0, (part.rows - lines.count) / 2)
    for (index, line) in lines.enumerated() where index < part.rows {
      frame.writeCentered(line, look[index == 0 ? .text : .dim], in: part, row: top + index)
    }
  }
}
