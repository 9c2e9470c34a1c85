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

  /// Creates a table of names and values in at most some columns: values of many words go on in the lines below.
  package init(facts: [(String, String)], columns: Int) {
    let names = facts.map(\.0.columns).max() ?? 0
    self.init(
      facts: facts.flatMap { name, value in
        let lines = Self.lines(of: PrintedText(line: value).text, columns: columns - names - 2)
        return lines.enumerated().map { ($0 == 0 ? name : "", $1) }
      })
  }

  /// A text cut between words. A word that is too long stays whole: a path or a hash is copied.
  private static func lines(of text: String, columns: Int) -> [String] {
    guard !text.fits(columns: columns) else { return [text] }
    return text.split(separator: " ", omittingEmptySubsequences: false).reduce(into: []) { lines, word in
      if let last = lines.last, "\(last) \(word)".fits(columns: columns) {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
  }

  /// Appends a row, with a text for each column.
  package mutating func append(_ row: [String]) { rows.append(row.map { PrintedText(line: $0) }) }

  /// The lines, each ended by a line feed, with two spaces between columns and no trailing spaces.
  package var text: PrintedText {
    // Nothing stands behind the last column, which may be as long as a list of a million numbers.
    let isRagged = alignments.last == .left
    let widths = alignments.indices.map { column in
      isRagged && column == alignments.count - 1 ? 0 : rows.map { $0[column].text.columns }.max() ?? 0
    }
    return rows.map { Self.line($0, zip(widths, alignments).map { ($0, $1) }) }.joined()
  }

  /// One line of a table whose columns have fixed widths; a longer text pushes the rest to the right.
  package static func line(_ row: [PrintedText], _ columns: [(width: Int, alignment: Alignment)]) -> PrintedText {
    var line = ""
    for (index, (cell, column)) in zip(row, columns).enumerated() {
      let padding = String(repeating: " ", count: max(0, column.width - cell.text.columns))
      line += (index > 0 ? "  " : "") + (column.alignment == .left ? cell.text + padding : padding + cell.text)
    }
    let end = line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex
    return "\(String(line[..<end]))\n"
  }
}

/// Numbers for people, with a fixed number of decimals. Reports for programs print every digit instead.
package enum FixedDecimal {
  /// The value rounded to `digits` decimals (at most 9); values too large for that keep their exponent.
  package static func text(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return NumberText.fixed(value, 0) }
    let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
    let scaled = (value.magnitude * Double(scale)).rounded(.toNearestOrEven)
    guard scaled < 0x1p53 else { return "\(value)" }
    let whole = Int(scaled)
    let fraction = String(whole % scale)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
  /// The value rounded to as many decimals as fit, `digits` at most; in scientific notation where even the whole number
  /// does not fit.
  package static func text(_ value: Double, digits: Int, columns: Int) -> String {
    let texts = stride(from: digits, through: 0, by: -1).lazy.map { text(value, digits: $0) }
    return texts.first { $0.utf8.count <= columns } ?? NumberText.scientific(value)
  }
}
