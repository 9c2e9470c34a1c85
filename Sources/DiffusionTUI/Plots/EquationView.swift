import DiffusionCore

/// The update of a step as an equation, with the numbers below the symbols: in columns if there is room, else one term
/// per row, and as running text on the narrowest screens.
package struct EquationView: Sendable {
  /// The step's update.
  package let update: MeasuredUpdate

  package init(_ update: MeasuredUpdate) { self.update = update }

  /// A term of the sum.
  private struct Term {
    let letters, unit: String
    let coefficient: Double
    let norm: Double
    let role: ThemeRole

    var symbol: String { letters.isEmpty ? unit : "\(letters) \(unit)" }
    var value: String { "\(NumberText.small(coefficient, 5)) \(unit)" }
    var normText: String { NumberText.small(norm, 2) }
    var columns: Int { max(symbol.columns, value.columns, normText.columns) }
  }

  private func list(_ unicode: Bool) -> [Term] {
    update.terms.enumerated().map { index, measured in
      Term(
        letters: measured.term.symbol.text(unicode), unit: measured.term.operand.symbol.text(unicode),
        coefficient: Double(measured.term.coefficient), norm: measured.norm, role: Self.role(of: index))
    }
  }

  /// The colour role that tells a term from the others.
  package static func role(of index: Int) -> ThemeRole { [.accent, .warning, .good][index % 3] }

  private func sample(_ unicode: Bool) -> String { unicode ? "x_{t\u{2212}1}" : "x_{t-1}" }

  /// Draws the equation.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    let unicode = look.capabilities.unicode
    let list = list(unicode)
    let head = sample(unicode)
    let width = head.columns + 3 + list.reduce(0) { $0 + $1.columns } + 3 * (list.count - 1)
    if width <= part.columns, part.rows >= 2 {
      drawColumns(list, head, into: &frame, in: part, look)
    } else if part.rows >= list.count + 1, part.columns >= 14 {
      drawRows(list, head, into: &frame, in: part, look)
    } else {
      let text = "\(head) = " + list.map(\.value).joined(separator: " + ")
      for (index, line) in TextWrap(text, columns: part.columns).lines.enumerated() where index < part.rows {
        frame.write(line, look[.text], column: part.column, row: part.row + index, end: part.endColumn)
      }
    }
  }

  private func drawColumns(_ list: [Term], _ head: String, into frame: inout Frame, in part: Rect, _ look: Look) {
    let end = part.endColumn
    frame.write(head, look[.text], column: part.column, row: part.row, end: end)
    let hasNorms = part.rows >= 3
    var column = part.column + head.columns + 1
    for (index, term) in list.enumerated() {
      let sign = index == 0 ? "=" : "+"
      for row in 0..<2 { frame.write(sign, look[.dim], column: column, row: part.row + row, end: end) }
      frame.write(term.symbol, look[term.role], column: column + 2, row: part.row, end: end)
      frame.write(term.value, look[.text], column: column + 2, row: part.row + 1, end: end)
      if hasNorms { frame.write(term.normText, look[.dim], column: column + 2, row: part.row + 2, end: end) }
      column += term.columns + 3
    }
    if hasNorms { frame.write("L2", look[.dim], column: part.column, row: part.row + 2, end: end) }
    drawInputs(into: &frame, in: part.inset(top: hasNorms ? 3 : 2), look)
  }

  private func drawRows(_ list: [Term], _ head: String, into frame: inout Frame, in part: Rect, _ look: Look) {
    frame.write("\(head) =", look[.text], column: part.column, row: part.row, end: part.endColumn)
    let values = list.map(\.value.columns).max() ?? 0
    for (index, term) in list.enumerated() {
      let row = part.row + 1 + index
      frame.write(index == 0 ? " " : "+", look[.dim], column: part.column, row: row, end: part.endColumn)
      frame.write(term.value, look[.text], column: part.column + 2, row: row, end: part.endColumn)
      let column = part.column + values + 4
      guard column + term.letters.columns <= part.endColumn else { continue }
      frame.write(term.letters, look[term.role], column: column, row: row, end: part.endColumn)
    }
    drawInputs(into: &frame, in: part.inset(top: 1 + list.count), look)
  }

  /// Draws the inputs of the coefficients, in as many rows as are needed and available.
  private func drawInputs(into frame: inout Frame, in part: Rect, _ look: Look) {
    let unicode = look.capabilities.unicode
    var words = update.update.quantities.map { "\($0.symbol.text(unicode)) = \(NumberText.small(Double($0.value), 5))" }
    words.append("model calls = \(update.update.modelCalls)")
    words.append("L2 of \(sample(unicode)) = \(NumberText.small(update.previous.norm, 2))")
    var (column, row) = (part.column, part.row)
    for word in words {
      if column > part.column, column + word.columns > part.endColumn { (column, row) = (part.column, row + 1) }
      guard row < part.endRow, word.columns <= part.columns else { return }
      column = 3 + frame.write(word, look[.dim], column: column, row: row, end: part.endColumn)
    }
  }
}

extension UpdateTerms.Symbol {
  /// The spelling for a terminal with or without Unicode.
  package func text(_ unicode: Bool) -> String { unicode ? self.unicode : ascii }
}
