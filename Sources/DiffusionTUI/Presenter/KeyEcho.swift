/// The keys that were pressed, in the lower right corner, the latest standing out.
package struct KeyEcho {
  package let presenter: Presenter
  package let unicode: Bool

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    // On a screen so small that the row is another's too, the latest key has to do.
    let labels = presenter.keys.suffix(part.row >= LessonLayout.leastRowsWithEcho - 1 ? 4 : 1).map(label)
    let width = labels.reduce(-1) { $0 + $1.count + 3 }
    var column = max(part.column, part.endColumn - width)
    for (index, label) in labels.enumerated() {
      let isLatest = index == labels.count - 1
      let style = isLatest ? look.style(.accent, adding: [.bold, .reverse]) : look[.text]
      column = frame.write(" \(label) ", style, column: column, row: part.row, end: part.endColumn) + 1
    }
  }

  private func label(_ entry: Presenter.Press) -> String {
    let name = unicode ? entry.key.arrow.map { "\($0) \(entry.key.label)" } ?? entry.key.label : entry.key.label
    return entry.count > 1 ? "\(name) \(unicode ? "\u{00D7}" : "x")\(entry.count)" : name
  }
}
