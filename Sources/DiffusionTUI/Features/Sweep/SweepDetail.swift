import DiffusionCore

/// The line that says what a cell of a sweep is: its number, its settings, and what is to be said of it.
package struct SweepDetail {
  /// The fewest columns of a value, unless it has fewer: what is said of the cell is shortened before.
  private static let shortestValue = 8

  private let head: String
  private let settings: [(name: String, value: String)]
  private let title: String
  private let remark: String

  /// Creates the line of a cell.
  ///
  /// - Parameters:
  ///   - cell: The cell.
  ///   - plan: The plan.
  ///   - remark: What is to be said of it; nil for nothing.
  package init(_ cell: Int, of plan: SweepPlan, remark: String?) {
    head = "cell \(cell)  "
    (settings, title) = (plan.titleParts(of: cell), plan.title(of: cell))
    self.remark = remark.map { "   \($0)" } ?? ""
  }

  /// The line in at most some columns: long values give up their middles, so that every setting has its place.
  package func text(columns: Int) -> String {
    let whole = head + title + remark
    guard !whole.fits(columns: columns) else { return whole }
    let title = head + shortenedTitle(columns: columns - head.columns - remark.columns)
    let rest = columns - title.columns
    return title.shortened(columns: columns) + (rest > 0 ? remark.shortened(columns: rest) : "")
  }

  /// The settings, with the longest values cut to one length, as long as all of it fits.
  private func shortenedTitle(columns: Int) -> String {
    guard !settings.isEmpty else { return title }
    let names = settings.reduce(2 * (settings.count - 1)) { $0 + $1.name.columns + 1 }
    let lengths = settings.map { min($0.value.columns, max(0, columns)) }
    let limits = Self.shortestValue...max(Self.shortestValue, columns)
    let limit = limits.last { limit in lengths.reduce(names) { $0 + min($1, limit) } <= columns }
    return settings.map { "\($0.name) \($0.value.shortened(columns: limit ?? Self.shortestValue))" }
      .joined(separator: ", ")
  }
}
