import DiffusionCore

/// The update as an equation, and below it what its letters are and how much of x_{t-1} each makes.
package struct UpdateSection {
  package let update: DDIMUpdate
  package let isUnicode: Bool

  /// The rows of the equation: four in columns; a term a row takes four, and up to three for what it is made of.
  package static func equationRows(columns: Int) -> Int { columns >= 62 ? 4 : 7 }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let rows = min(part.rows, Self.equationRows(columns: part.columns))
    EquationView(terms: DDIMUpdateTerms(update)).draw(into: &frame, in: part.rows(from: 0, count: rows), look: look)
    let rest = part.inset(top: rows + 1)
    guard rest.rows >= 3 else { return }
    var row = rest.row
    for (symbol, name, term, role) in terms where row < rest.endRow {
      let end = rest.endColumn
      let column = frame.write(symbol, look[role], column: rest.column, row: row, end: end)
      frame.write(name, look[.dim], column: max(column + 1, rest.column + 9), row: row, end: end)
      let value = "std \(NumberText.small(term.tensorStd, 4))"
      if rest.columns >= 9 + name.count + 2 + value.count {
        frame.write(value, look[.text], endingAt: min(end, rest.column + 52), row: row, start: column)
      }
      row += 1
    }
    drawShares(
      into: &frame, in: Rect(column: rest.column, row: row + 1, columns: rest.columns, rows: rest.endRow - row - 1),
      look)
  }

  private var terms: [(String, String, DDIMUpdate.Term, ThemeRole)] {
    [
      (isUnicode ? "x\u{2080}" : "x0", "predicted original", update.original, .accent),
      (isUnicode ? "\u{03B5}" : "eps", "predicted noise", update.epsilon, .warning),
      ("z", update.sigma > 0 ? "fresh noise" : "fresh noise, none: sigma is 0", update.noise, .good),
      (isUnicode ? "x_{t\u{2212}1}" : "x_{t-1}", "the sum", update.previous, .text),
    ]
  }

  /// The norms of the three products as bars on one scale.
  private func drawShares(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard part.rows >= 4, part.columns >= 30 else { return }
    frame.write("L2 of each product", look[.dim], column: part.column, row: part.row, end: part.endColumn)
    let most = terms.prefix(3).map(\.2.norm).filter(\.isFinite).max() ?? 0
    for (index, (symbol, _, term, role)) in terms.prefix(3).enumerated() {
      let row = part.row + 1 + index
      frame.write(symbol, look[role], column: part.column, row: row, end: part.endColumn)
      let bar = Rect(column: part.column + 9, row: row, columns: min(48, part.columns - 9 - 10), rows: 1)
      HorizontalBar(share: most > 0 ? term.norm / most : 0, role: role).draw(into: &frame, in: bar, look: look)
      frame.write(
        NumberText.small(term.norm, 2), look[.text], endingAt: bar.endColumn + 10, row: row, start: bar.endColumn + 1)
    }
  }
}
