/// The standard deviation of each channel: numbers in one row, or a bar for each if there are rows for all.
package struct ChannelSection {
  package let channelStd: [Double]

  package init(channelStd: [Double]) { self.channelStd = channelStd }

  /// The maximum number of bars; further channels have none.
  private static let mostBars = 8

  /// The number of rows for the title and all bars.
  package var rows: Int { 1 + min(Self.mostBars, channelStd.count) }

  private func name(_ channel: Int) -> String { ChannelNames(count: channelStd.count)[channel] }

  package func draw(_ frame: inout Frame, _ part: Rect, _ look: Look) {
    let shown = min(channelStd.count, Self.mostBars)
    guard shown > 0, part.rows > shown else { return drawLine(&frame, part, look) }
    frame.write("std per channel", look[.dim], column: part.column, row: part.row, end: part.endColumn)
    let peak = max(1, channelStd.filter(\.isFinite).max() ?? 1)
    for channel in 0..<shown {
      let row = part.row + 1 + channel
      frame.write(name(channel), look[.dim], column: part.column, row: row, end: part.endColumn)
      let value = NumberText.fixed(channelStd[channel], 4)
      let bar = Rect(column: part.column + 2, row: row, columns: part.columns - 10, rows: 1)
      HorizontalBar(share: channelStd[channel] / peak).draw(into: &frame, in: bar, look: look, track: true)
      frame.write(value, look[.text], column: bar.endColumn + 1, row: row, end: part.endColumn)
    }
  }

  /// Draws all channels in one row, with as many digits as fit; where not even two do, how many are missing.
  private func drawLine(_ frame: inout Frame, _ part: Rect, _ look: Look) {
    func words(_ digits: Int) -> [(name: String, value: String)] {
      channelStd.indices.map { (name($0), NumberText.fixed(channelStd[$0], digits)) }
    }
    func columns(_ words: [(name: String, value: String)], gap: Int) -> Int {
      words.reduce(-gap) { $0 + $1.name.columns + 1 + $1.value.columns + gap }
    }
    let title = "channels"
    let styles = part.columns >= 38 ? [(title, 3, 3), (title, 2, 2)] : []
    let (heading, digits, gap) =
      styles.first { $0.0.columns + 2 + columns(words($0.1), gap: $0.2) <= part.columns } ?? ("", 2, 1)
    var column = frame.write(heading, look[.dim], column: part.column, row: part.row, end: part.endColumn)
    if !heading.isEmpty { column += 2 }
    let all = words(digits)
    for (index, word) in all.enumerated() {
      let rest = "+\(all.count - index)"
      let isLast = index == all.count - 1
      let width = word.name.columns + 1 + word.value.columns
      guard column + width + (isLast ? 0 : gap + rest.columns) <= part.endColumn else {
        frame.write(rest, look[.dim], column: column, row: part.row, end: part.endColumn)
        return
      }
      column = frame.write(word.name, look[.dim], column: column, row: part.row, end: part.endColumn) + 1
      column = frame.write(word.value, look[.text], column: column, row: part.row, end: part.endColumn) + gap
    }
  }
}
