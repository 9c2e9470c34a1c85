import DiffusionTUI

/// A table of text for a terminal.
package struct TextTable {
  /// The alignment of a column.
  package enum Alignment { case left, right }

  private let alignments: [Alignment]
  private var rows: [[PrintedText]]

  /// Creates a table with a heading for each column.
  package init(_ headings: [(String, Alignment)]) {
    alignments = headings.map(\.1)
    rows = [headings.map { PrintedText(line: $0.0) }]
  }

  /// Creates a table of names and values, without headings.
  package init(facts: [(String, String)]) {
    alignments = [.left, .left]
    rows = facts.map { [PrintedText(line: $0.0), PrintedText(line: $0.1)] }
  }

  /// Appends a row, with a text for each column.
  package mutating func append(_ row: [String]) { rows.append(row.map { PrintedText(line: $0) }) }

  /// The lines, each ended by a line feed, with two spaces between columns and no trailing spaces.
  package var text: PrintedText {
    // Nothing stands behind the last column, which may be as long as a list of a million numbers.
    let isRagged = alignments.last == .left, padded = isRagged ? alignments.count - 1 : alignments.count
    let widths = (0..<padded).map { column in rows.map { $0[column].text.columns }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        if column > 0 { line += "  " }
        guard column < padded else {
          line += cell.text
          continue
        }
        let padding = String(repeating: " ", count: widths[column] - cell.text.columns)
        line += alignments[column] == .left ? cell.text + padding : padding + cell.text
      }
      let end = line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex
      return "\(String(line[..<end]))\n" as PrintedText
    }.joined()
  }
}

/// Numbers for people, with a fixed number of decimals. Reports for programs print every digit instead.
package enum FixedDecimal {
  /// The value rounded to `digits` decimals (at most 9); values too large for that keep their exponent.
  package static func text(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "Inf" }
    let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
    let scaled = (value.magnitude * Double(scale)).rounded(.toNearestOrEven)
    guard scaled < 0x1p53 else { return "\(value)" }
    let whole = Int(scaled)
    let fraction = String(whole % scale)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
