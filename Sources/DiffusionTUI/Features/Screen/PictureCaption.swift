import DiffusionCore

/// The line below a picture: its scale, the visible region, the renderer, and how much is clipped unless the numbers
/// beside it say so. The longest version that fits.
package struct PictureCaption {
  package let state: State
  /// The scaled picture.
  package let scaled: ScaledPicture
  /// The tensor that it shows, `[batch, channels, height, width]`.
  package let tensor: Tensor<Float>
  /// Whether it says how much is clipped.
  package let showsClipped: Bool

  private var isOfLatents: Bool { state.run?.description.latents != nil }

  private var clipped: Double { state.run?.statistics(state.view, at: state.position)?.clipped ?? 0 }

  private var share: String? {
    guard showsClipped, !isOfLatents else { return nil }
    let number = NumberText.fixed(100 * clipped, 1)
    return "\(String(repeating: " ", count: max(0, 5 - number.columns)))\(number)% clipped"
  }

  /// The possible captions, longest first.
  private var choices: [[String?]] {
    let renderer = state.shownRenderer
    let batch = tensor.shape.first ?? 1
    let image = batch > 1 ? "image 1/\(batch)" : nil
    // The channels matter more than how levels are made of values.
    let summary = state.pictureSummary(of: state.focus)
    let (shown, least) = (summary.first, summary.dropFirst().first ?? summary.first)
    let part = state.viewport.flatMap { $0.factor > 1 ? $0.label : nil }
    let isMapped = state.pictured(of: state.focus)?.source == .values
    let map = !isMapped ? nil : state.inspection.marksClipping ? "orange >= 1, blue <= -1" : "[-1, 1] as 0 to 255"
    let short = !isMapped ? nil : state.inspection.marksClipping ? "clipping marked" : "[-1, 1] as 0..255"
    let scale = scaled.scale.sizeLabel(in: renderer)
    let full = [scale, part, renderer.caption(for: scaled), image, shown, map, share]
    guard renderer.isExact else {
      // If the picture is approximate, the caption says so first.
      let approximate = renderer == .asciiRamp || renderer == .braille ? renderer.label : "approximate"
      return [
        full, [scale, part, renderer.caption(for: scaled), least, share], [scale, part, approximate, least, share],
        [scale, part, approximate, least], [scale, approximate, least], [scale, approximate], [scale],
      ]
    }
    return [
      full, [scale, part, image, shown, short, share],
      [scale, part, image, least, isMapped ? "[-1,1] as 0..255" : nil, share],
      [scale, part, image, least, isMapped ? "[-1,1]" : nil, share], [scale, part, image, least, share],
      [scale, part, least, share],
      [scale, image, least, share], [scale, image, least], [scale, least],
      // That areas are averaged comes before all else.
      scaled.scale.isWhole ? [least] : [scale], [scale], [summary.last],
    ].filter { $0.contains { $0 != nil } }
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

extension ImageScale {
  /// The scale as the screen shows it, by the columns that a pixel takes: the same for a picture of the same size,
  /// whatever draws it. A shown pixel is a third of a cell high in sextants, and a whole one in the ASCII ramp.
  package func sizeLabel(in kind: ImageRendererKind) -> String {
    // In half blocks a shown pixel is a column wide, and twelve of them are six cells high.
    let rows = kind.renderer.cells(for: Size(columns: 12, rows: 12)).rows
    guard rows != 6 else { return label }
    let size = ImageScale(numerator * rows, of: denominator * 6)
    let factor =
      size.numerator == 1 && size.denominator > 1
      ? "1/\(size.denominator)" : NumberText.fixed(size.ratio, size.denominator == 1 ? 0 : 1) + "x"
    return isWhole ? factor : "\(factor), averaged"
  }
}
