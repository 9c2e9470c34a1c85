import DiffusionCore

/// The picture of the shown tensor and a caption that says how to read it.
package struct PicturePane {
  package let state: State
  package let layout: Layout

  package func draw(into frame: inout Frame, look: Look) {
    guard let part = layout.picture, let scale = layout.scale else { return }
    guard let tensor = state.run?.tensor(state.view, at: state.position), let picture = Picture(of: tensor) else {
      return drawAbsence(into: &frame, in: part, look: look)
    }
    let renderer = state.shownRenderer.renderer
    let scaled = ScaledPicture(picture: picture, scale: scale)
    let cells = renderer.cells(for: scaled.extent)
    renderer.draw(
      scaled, into: &frame, column: part.column + max(0, (part.columns - cells.columns) / 2),
      row: part.row + max(0, (part.rows - cells.rows) / 2), look: look)
    if let caption = layout.caption { drawCaption(into: &frame, in: caption, tensor, scale, look) }
  }

  private func drawAbsence(into frame: inout Frame, in part: Rect, look: Look) {
    let lines: [String]
    if state.run == nil {
      lines = state.pending == nil ? ["no run yet", "", "edit a setting or press r"] : ["drawing the noise"]
    } else if part.columns >= 34 {
      lines = ["no \(state.view.label) yet", "", "press space or right to take", "the first step"]
    } else {
      lines = ["not yet:", "press right"]
    }
    let top = part.row + max(0, (part.rows - lines.count) / 2)
    for (index, line) in lines.enumerated() where index < part.rows {
      frame.writeCentered(line, look[index == 0 ? .text : .dim], in: part, row: top + index)
    }
  }

  private func drawCaption(
    into frame: inout Frame, in part: Rect, _ tensor: Tensor<Float>, _ scale: ImageScale, _ look: Look
  ) {
    let clipped = state.run?.statistics(state.view, at: state.position)?.clipped ?? 0
    let batch = tensor.shape.first ?? 1
    let image = batch > 1 ? "image 1/\(batch)" : nil
    let channels = tensor.shape[1]
    let shown = channels == 2 ? "channel 1 of 2" : channels > 3 ? "channels 1-3 of \(channels)" : nil
    let number = NumberText.fixed(100 * clipped, 1)
    let share = "\(String(repeating: " ", count: max(0, 5 - number.count)))\(number)% clipped"
    let choices: [[String?]] = [
      [scale.label, state.shownRenderer.label, image, shown, "[-1, 1] as 0 to 255", share],
      [scale.label, image, shown, "[-1, 1] as 0..255", share], [scale.label, image, "[-1,1] as 0..255", share],
      [scale.label, image, "[-1,1]", share], [scale.label, image, share], [scale.label, image], [scale.label],
    ]
    let lines = choices.map { $0.compactMap { $0 }.joined(separator: "  ") }
    guard let line = lines.first(where: { $0.count <= part.columns - 2 }) ?? lines.last else { return }
    frame.writeCentered(line, look[.dim], in: part, row: part.row)
    // Clipping is where the picture says less than the numbers.
    guard clipped > 0, line.hasSuffix(share) else { return }
    let start = part.column + max(0, (part.columns - line.count) / 2) + line.count - share.count
    frame.write(share, look[.warning], column: start, row: part.row, end: part.endColumn)
  }
}
