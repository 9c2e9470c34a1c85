/// One curve of a plot.
package struct PlotSeries: Sendable, Equatable {
  /// What the legend calls it.
  package let name: String
  /// Its values by step, from the first one on; fewer than the plot has places where steps are still to come. NaN and infinity
  /// leave a gap and an alarm.
  package let values: [Double]
  /// How it looks.
  package let role: ThemeRole

  package init(_ name: String, _ values: [Double], role: ThemeRole) {
    self.name = name
    self.values = values
    self.role = role
  }

  /// The marks of curves that have no dots, in their order.
  private static let marks: [Character] = ["*", "+", "o", "x", "#", "%", "&", "="]

  /// The mark of a curve.
  package static func mark(_ index: Int) -> Character { marks[((index % marks.count) + marks.count) % marks.count] }
}
