import DiffusionCore

/// The variation on the settings line: the other seed and the slider while it is edited, its values otherwise.
package struct VariationLine {
  package let editor: VariationEditor
  package let own: RunSettings

  /// The keys shown in the footer.
  package static let footer = [
    FooterKey("Enter", "apply", 0), FooterKey("Esc", "keep the old one", 1), FooterKey("left right", "0.05", 2),
    FooterKey("< >", "0.01", 3), FooterKey("up down", "seed", 4), FooterKey("Ctrl-U", "none", 5),
  ]

  /// The text on the settings line for a run with a variation: both seeds, and the strength.
  package static func words(_ request: RunRequest) -> [(String, String)] {
    let settings = request.settings
    guard let variation = settings.variation else { return [] }
    let own = settings.seeds.count > 1 ? "seeds" : "seed \(Setting.seeds.text(of: request))"
    return [
      (
        "\(own) variation",
        Setting.variation.text(of: request) + (variation.strength == 0 ? ", same bits as without" : "")
      )
    ]
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let row = part.row, end = part.endColumn
    var column = frame.write(
      end > 40 ? "variation " : "", look[.accent], column: end > 40 ? 1 : 0, row: row, end: end)
    let attributes: Style.Attributes = editor.isFresh ? .reverse : .underline
    let seed = editor.seed.isEmpty ? "none" : editor.seed
    column = frame.write(seed, look.style(.text, adding: attributes), column: column, row: row, end: end)
    let strength = " x \(NumberText.fixed(editor.strength, 2))"
    column = frame.write(strength, look.style(.text, adding: .bold), column: column, row: row, end: end) + 2
    let bar = Rect(column: column, row: row, columns: min(40, max(0, end - column - 1)), rows: 1)
    guard bar.columns >= 5 else { return }
    drawSlider(into: &frame, in: bar, look)
    column = bar.endColumn + 2
    let hints =
      editor.strength == 0
      ? ["same bits as without", "same bits"]
      : editor.strength == 1 ? ["the noise of the other seed", "the other's"] : ["0 own noise, 1 the other's"]
    guard let hint = hints.first(where: { column + $0.columns <= end }) else { return }
    frame.write(hint, look[.dim], column: column, row: row, end: end)
  }

  private func drawSlider(into frame: inout Frame, in part: Rect, _ look: Look) {
    let knob = part.column + Int((editor.strength * Double(part.columns - 1)).rounded())
    for column in part.column..<part.endColumn {
      frame[column, part.row] =
        column == knob
        ? Cell(look.glyph("\u{25CF}", "O"), look[.accent])
        : column < knob
          ? Cell(look.glyph("\u{2501}", "="), look[.graph]) : Cell(look.glyph("\u{2500}", "."), look[.rule])
    }
  }
}
