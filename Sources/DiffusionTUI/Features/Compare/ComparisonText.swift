import DiffusionCore

/// The text of a comparison, the same wherever it is shown.
package struct ComparisonText {
  private let metrics: TensorComparison

  package init(_ metrics: TensorComparison) { self.metrics = metrics }

  /// A label and its value.
  package struct Entry: Equatable {
    package let label, value: String
  }

  /// The number of entries below a picture where a comparison has the others.
  package static let paneEntries = 3

  /// The numbers, most important first.
  package var entries: [Entry] {
    [
      Entry(label: "max|d|", value: NumberText.small(metrics.maximumAbsoluteDifference, 4)),
      Entry(label: "RMSE", value: NumberText.small(metrics.rootMeanSquareError, 4)),
      Entry(label: "PSNR", value: NumberText.fixed(metrics.peakSignalToNoiseRatio, 1) + " dB"),
      Entry(label: "equal bits", value: NumberText.fixed(100 * metrics.shareOfEqualBits, 1) + " %"),
      Entry(label: "equal values", value: NumberText.fixed(100 * metrics.shareOfEqualElements, 1) + " %"),
    ]
  }

  /// Why two runs cannot be compared: their shapes differ. The longest text that fits.
  package static func mismatch(_ mismatch: PaneComparison.Mismatch, to reference: Int, columns: Int) -> String {
    let (own, other) = (mismatch.other, mismatch.reference)
    let choices = [
      "cannot be compared: \(own) here, \(other) in run \(reference + 1)", "cannot compare \(own) with \(other)",
      "\(own), not \(other)", "not \(other)",
    ]
    return choices.first { $0.columns <= columns } ?? "other shape"
  }

  /// Where two runs diverge, in a few words; nil if there is no run yet.
  ///
  /// - Parameter start: What the runs start from; see ``RunDescription/startName``.
  package static func divergence(_ divergence: Divergence?, start: String = "noise") -> String? {
    guard let divergence else { return nil }
    if let first = divergence.first { return first == 0 ? "different start" : "differs at step \(first)" }
    return divergence.equalSteps.map { $0 == 0 ? "same \(start)" : "same to step \($0)" }
  }
}
