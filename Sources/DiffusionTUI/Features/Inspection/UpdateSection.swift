import DiffusionCore

/// The update as an equation, and below it the meaning of its symbols and the contribution of each to x_{t-1}.
package struct UpdateSection {
  package let update: MeasuredUpdate
  package let isUnicode: Bool

  /// The rows of the equation: four if it is laid out in columns; with one term per row four, and up to three to expand
  /// it.
  package static func equationRows(columns: Int) -> Int { columns >= 62 ? 4 : 7 }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let rows = min(part.rows, Self.equationRows(columns: part.columns))
    EquationView(update).draw(into: &frame, in: part.rows(from: 0, count: rows), look: look)
    let rest = part.inset(top: rows + 1)
    guard rest.rows >= 3 else { return }
    var row = rest.row
    for (symbol, name, term, role) in terms where row < rest.endRow {
      let end = rest.endColumn
      let column = frame.write(symbol, look[role], column: rest.column, row: row, end: end)
      frame.write(name, look[.dim], column: max(column + 1, rest.column + 9), row: row, end: end)
      let value = "std \(NumberText.small(term.tensorStd, 4))"
      if rest.columns >= 9 + name.columns + 2 + value.columns {
        frame.write(value, look[.text], endingAt: min(end, rest.column + 52), row: row, start: column)
      }
      row += 1
    }
    drawShares(
      into: &frame, in: Rect(column: rest.column, row: row + 1, columns: rest.columns, rows: rest.endRow - row - 1),
      look)
  }

  private var terms: [(String, String, MeasuredUpdate.Term, ThemeRole)] {
    let products = update.terms.enumerated().map { index, measured in
      let operand = measured.term.operand, isAbsent = operand == .noise && update.update.sigma == 0
      return (
        operand.symbol.text(isUnicode), isAbsent ? "\(operand.name), none: sigma is 0" : operand.name, measured,
        EquationView.role(of: index)
      )
    }
    let sum = update.previous.term.operand
    return products + [(sum.symbol.text(isUnicode), sum.name, update.previous, .text)]
  }

  /// Draws the norms of the products as bars on a common scale.
  private func drawShares(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard part.rows >= 4, part.columns >= 30 else { return }
    frame.write("L2 of each product", look[.dim], column: part.column, row: part.row, end: part.endColumn)
    let most = terms.dropLast().map(\.2.norm).filter(\.isFinite).max() ?? 0
    for (index, (symbol, _, term, role)) in terms.dropLast().enumerated() {
      let row = part.row + 1 + index
      frame.write(symbol, look[role], column: part.column, row: row, end: part.endColumn)
      let bar = Rect(column: part.column + 9, row: row, columns: min(48, part.columns - 9 - 10), rows: 1)
      HorizontalBar(share: most > 0 ? term.norm / most : 0, role: role).draw(into: &frame, in: bar, look: look)
      frame.write(
        NumberText.small(term.norm, 2), look[.text], endingAt: bar.endColumn + 10, row: row, start: bar.endColumn + 1)
    }
  }
}
