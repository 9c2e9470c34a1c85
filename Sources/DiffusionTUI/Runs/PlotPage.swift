/// What is beside the picture, or below several.
public enum PlotPage: String, Sendable, CaseIterable {
  /// The numbers of the shown tensor, or of the comparison.
  case numbers
  /// Standard deviation, mean and mean of |x| over all steps.
  case steps
  /// The distribution of the values over all steps.
  case distribution
  /// The timesteps on the alpha-bar curve.
  case schedule
  /// The update of the step just completed, as an equation with its numbers.
  case update

  /// What the screen calls it.
  package var label: String { self == .steps ? "over steps" : rawValue }
}
