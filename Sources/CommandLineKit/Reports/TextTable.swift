/// Columns of text for a terminal: the first one to the left, numbers to the right.
package struct TextTable {
  /// Where a column's text stands.
  package enum Alignment { case left, right }

  private let alignments: [Alignment]
  private var rows: [[String]]

  /// Makes a table with a heading for each column.
  package init(_ headings: [(String, Alignment)]) {
    alignments = headings.map(\.1)
    rows = [headings.map(\.0)]
  }

  /// Makes a table of names and values, without headings.
  package init(facts: [(String, String)]) {
    alignments = [.left, .left]
    rows = facts.map { [$0.0, $0.1] }
  }

  /// Adds a row, with a text for each column.
  package mutating func append(_ row: [String]) { rows.append(row) }

  /// The lines, each ended by a line feed, two spaces between columns and none at the end.
  package var text: String {
    let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column > 0 ? "  " : "") + (alignments[column] == .left ? cell + padding : padding + cell)
      }
      let end = line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex
      return line[..<end] + "\n"
    }.joined()
  }
}
