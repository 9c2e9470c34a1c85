/// The standard deviation of each channel: numbers in one row, or a bar for each if there are rows for all.
package struct ChannelSection {
  package let channelStd: [Double]

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

  private func drawLine(_ frame: inout Frame, _ part: Rect, _ look: Look) {
    let isWide = part.columns >= 38
    var column = part.column
    if isWide {
      column = frame.write("channels", look[.dim], column: column, row: part.row, end: part.endColumn) + 2
    }
    for channel in channelStd.indices {
      let value = NumberText.fixed(channelStd[channel], isWide ? 3 : 2)
      guard column + value.columns + 2 <= part.endColumn else { break }
      column = frame.write(name(channel), look[.dim], column: column, row: part.row, end: part.endColumn) + 1
      column = frame.write(value, look[.text], column: column, row: part.row, end: part.endColumn) + (isWide ? 3 : 1)
    }
  }
}
