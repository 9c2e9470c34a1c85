/// The numbers around a plot, where they fit: the ends of the vertical axis on the left, those of the horizontal one
/// below. The rest belongs to the plot.
package struct PlotAxes: Sendable {
  /// The labels at the ends of the axes.
  package struct Labels: Sendable, Equatable {
    /// The labels of the vertical axis.
    package var top, bottom: String
    /// The labels of the horizontal axis.
    package var left, right: String

    package init(top: String, bottom: String, left: String = "", right: String = "") {
      self.top = top
      self.bottom = bottom
      self.left = left
      self.right = right
    }
  }

  /// The area left for the plot.
  package let inner: Rect
  private let part: Rect
  private let labels: Labels
  private let labelColumns: Int
  private let hasLowerAxis: Bool

  /// The minimum size that labels must leave for a plot.
  private static let least = Size(columns: 16, rows: 3)

  package init(_ labels: Labels, in part: Rect) {
    let width = max(labels.top.columns, labels.bottom.columns)
    labelColumns = width > 0 && part.columns >= Self.least.columns + width + 1 && part.rows >= 2 ? width + 1 : 0
    hasLowerAxis =
      part.rows > Self.least.rows && !(labels.left + labels.right).isEmpty
      && part.columns - labelColumns >= labels.left.columns + labels.right.columns + 2
    inner = Rect(
      column: part.column + labelColumns, row: part.row, columns: part.columns - labelColumns,
      rows: part.rows - (hasLowerAxis ? 1 : 0))
    self.part = part
    self.labels = labels
  }

  /// Draws the labels that fit.
  package func draw(into frame: inout Frame, look: Look) {
    if labelColumns > 0 {
      let end = inner.column - 1
      frame.write(labels.top, look[.dim], endingAt: end, row: inner.row, start: part.column)
      frame.write(labels.bottom, look[.dim], endingAt: end, row: inner.endRow - 1, start: part.column)
    }
    guard hasLowerAxis else { return }
    let row = part.endRow - 1
    frame.write(labels.left, look[.dim], column: inner.column, row: row, end: inner.endColumn)
    frame.write(labels.right, look[.dim], endingAt: inner.endColumn, row: row, start: inner.column)
  }

  /// A number as an axis shows it: whole numbers as they are, others with about three digits.
  package static func text(_ value: Double) -> String {
    guard value.isFinite else { return NumberText.fixed(value, 0) }
    if value == value.rounded(), value.magnitude < 1e6 { return NumberText.fixed(value, 0) }
    return NumberText.small(value, value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 3)
  }
}
