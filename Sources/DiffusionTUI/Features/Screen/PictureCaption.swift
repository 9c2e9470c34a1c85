import DiffusionCore

/// The line below a picture: its scale, the visible region, the renderer, and how much is clipped unless the numbers
/// beside it say so. The longest version that fits.
package struct PictureCaption {
  package let state: State
  /// The scaled picture.
  package let scaled: ScaledPicture
  /// The shape of the tensor, `[batch, channels, height, width]`.
  package let shape: [Int]
  /// Whether it says how much is clipped.
  package let showsClipped: Bool

  private var clipped: Double { state.run?.statistics(state.view, at: state.position)?.clipped ?? 0 }

  private var share: String? {
    guard showsClipped else { return nil }
    let number = NumberText.fixed(100 * clipped, 1)
    return "\(String(repeating: " ", count: max(0, 5 - number.columns)))\(number)% clipped"
  }

  /// The possible captions, longest first.
  private var choices: [[String?]] {
    let renderer = state.shownRenderer
    let batch = shape.first ?? 1, channels = shape.count > 1 ? shape[1] : 1
    let image = batch > 1 ? "image 1/\(batch)" : nil
    let shown = channels == 2 ? "channel 1 of 2" : channels > 3 ? "channels 1-3 of \(channels)" : nil
    let part = state.viewport.flatMap { $0.factor > 1 ? $0.label : nil }
    let map = state.inspection.marksClipping ? "orange >= 1, blue <= -1" : "[-1, 1] as 0 to 255"
    let short = state.inspection.marksClipping ? "clipping marked" : "[-1, 1] as 0..255"
    let scale = scaled.scale.label
    let full = [scale, part, renderer.caption(for: scaled), image, shown, map, share]
    guard renderer.isExact else {
      // If the picture is approximate, the caption says so first.
      let approximate = renderer == .asciiRamp || renderer == .braille ? renderer.label : "approximate"
      return [
        full, [scale, part, renderer.caption(for: scaled), share], [scale, part, approximate, share],
        [scale, part, approximate], [scale, approximate], [scale],
      ]
    }
    return [
      full, [scale, part, image, shown, short, share], [scale, part, image, "[-1,1] as 0..255", share],
      [scale, part, image, "[-1,1]", share], [scale, part, image, share], [scale, part, share], [scale, image, share],
      [scale, image], [scale],
    ]
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let lines = choices.map { $0.compactMap { $0 }.joined(separator: "  ") }
    guard let line = lines.first(where: { $0.columns <= part.columns - 2 }) ?? lines.last else { return }
    frame.writeCentered(line, look[.dim], in: part, row: part.row)
    // Highlight clipping, where the picture shows less than the numbers.
    guard let share, clipped > 0, line.hasSuffix(share) else { return }
    let start = part.column + max(0, (part.columns - line.columns) / 2) + line.columns - share.columns
    frame.write(share, look[.warning], column: start, row: part.row, end: part.endColumn)
  }
}
