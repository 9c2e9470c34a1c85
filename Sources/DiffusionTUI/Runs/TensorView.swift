/// The tensor of a step that is shown.
public enum TensorView: String, Sendable, CaseIterable {
  /// x_t after the steps taken so far.
  case sample
  /// x_0 as predicted in the last completed step.
  case predOriginalSample
  /// The model output of the last completed step.
  case modelOutput

  /// The label on the screen.
  package var label: String {
    switch self {
    case .sample: "x_t"
    case .predOriginalSample: "predicted original"
    case .modelOutput: "model output"
    }
  }

  /// A label that fits before the name of a number.
  package var symbol: String {
    switch self {
    case .sample: "x_t"
    case .predOriginalSample: "x_0"
    case .modelOutput: "output"
    }
  }

  /// A label that fits above a small picture.
  package var shortLabel: String {
    switch self {
    case .sample: "x_t"
    case .predOriginalSample: "predicted"
    case .modelOutput: "output"
    }
  }
}

/// The page beside the picture, or below several.
public enum PlotPage: String, Sendable, CaseIterable {
  /// The statistics of the shown tensor, or of the comparison.
  case numbers
  /// Standard deviation, mean and mean of |x| over all steps.
  case steps
  /// The distribution of the values over all steps.
  case distribution
  /// The timesteps on the alpha-bar curve.
  case schedule
  /// The update of the last completed step, as an equation with its numbers.
  case update
  /// The prompt as the tokenizer cut it; only of a run that takes one.
  case prompt

  /// The label on the screen.
  package var label: String { self == .steps ? "over steps" : rawValue }
}
