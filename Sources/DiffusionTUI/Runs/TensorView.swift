/// Which of a step's tensors is shown.
public enum TensorView: String, Sendable, CaseIterable {
  /// x_t after the steps taken so far.
  case sample
  /// x_0 as the step just completed predicts it.
  case predOriginalSample
  /// What the model said in the step just completed.
  case modelOutput

  /// What the screen calls it.
  package var label: String {
    switch self {
    case .sample: "x_t"
    case .predOriginalSample: "predicted original"
    case .modelOutput: "model output"
    }
  }

  /// A name that fits above a small picture.
  package var shortLabel: String {
    switch self {
    case .sample: "x_t"
    case .predOriginalSample: "predicted"
    case .modelOutput: "output"
    }
  }
}

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
