/// The update of one step written out, with its numbers below the letters: in columns where there is room, a term a row where
/// there is not, and as one running text on the narrowest screens.
package struct EquationView: Sendable {
  /// The numbers.
  package let terms: DDIMUpdateTerms

  package init(terms: DDIMUpdateTerms) { self.terms = terms }

  /// One term of the sum.
  private struct Term {
    let letters, unit: String
    let coefficient: Double
    let norm: Double?
    let role: ThemeRole

    var symbol: String { "\(letters) \(unit)" }
    var value: String { "\(NumberText.small(coefficient, 5)) \(unit)" }
    var normText: String { norm.map { NumberText.small($0, 2) } ?? "-" }
    var columns: Int { max(symbol.count, value.count, normText.count) }
  }

  private func list(_ unicode: Bool) -> [Term] {
    let direction = unicode ? "\u{221A}(1\u{2212}\u{03B1}_prev\u{2212}\u{03C3}\u{00B2})" : "sqrt(1 - a_prev - sigma^2)"
    return [
      Term(
        letters: unicode ? "\u{221A}\u{03B1}_prev" : "sqrt(a_prev)", unit: unicode ? "x\u{2080}" : "x0",
        coefficient: terms.originalCoefficient, norm: terms.originalNorm, role: .accent),
      Term(
        letters: direction, unit: unicode ? "\u{03B5}" : "eps", coefficient: terms.directionCoefficient,
        norm: terms.directionNorm, role: .warning),
      Term(
        letters: unicode ? "\u{03C3}" : "sigma", unit: "z", coefficient: terms.sigma, norm: terms.noiseNorm, role: .good
      ),
    ]
  }

  private func sample(_ unicode: Bool) -> String { unicode ? "x_{t\u{2212}1}" : "x_{t-1}" }

  /// Draws it.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    let unicode = look.capabilities.unicode
    let list = list(unicode)
    let head = sample(unicode)
    let width = head.count + 3 + list.reduce(0) { $0 + $1.columns } + 3 * (list.count - 1)
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
    let hasNorms = part.rows >= 3 && list.contains { $0.norm != nil }
    var column = part.column + head.count + 1
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
    let values = list.map(\.value.count).max() ?? 0
    for (index, term) in list.enumerated() {
      let row = part.row + 1 + index
      frame.write(index == 0 ? " " : "+", look[.dim], column: part.column, row: row, end: part.endColumn)
      frame.write(term.value, look[.text], column: part.column + 2, row: row, end: part.endColumn)
      let column = part.column + values + 4
      guard column + term.letters.count <= part.endColumn else { continue }
      frame.write(term.letters, look[term.role], column: column, row: row, end: part.endColumn)
    }
    drawInputs(into: &frame, in: part.inset(top: 1 + list.count), look)
  }

  /// What the coefficients are made of, in as many rows as it takes and there are.
  private func drawInputs(into frame: inout Frame, in part: Rect, _ look: Look) {
    let unicode = look.capabilities.unicode
    let names = unicode ? ["\u{03B1}", "\u{03B1}_prev", "\u{03C3}"] : ["a", "a_prev", "sigma"]
    var words = zip(names, [terms.alphaProd, terms.alphaProdPrev, terms.sigma]).map {
      "\($0) = \(NumberText.small($1, 5))"
    }
    if let norm = terms.sampleNorm { words.append("L2 of \(sample(unicode)) = \(NumberText.small(norm, 2))") }
    var (column, row) = (part.column, part.row)
    for word in words {
      if column > part.column, column + word.count > part.endColumn { (column, row) = (part.column, row + 1) }
      guard row < part.endRow, word.count <= part.columns else { return }
      column = 3 + frame.write(word, look[.dim], column: column, row: row, end: part.endColumn)
    }
  }
}
