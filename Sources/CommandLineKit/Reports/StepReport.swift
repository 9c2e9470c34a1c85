import DiffusionCore
import DiffusionTUI

/// A step of a run, in JSON.
public struct StepReport: Encodable, Sendable, Equatable {
  let index: Int
  /// The stage that it belongs to; left out of the JSON in a run of one.
  let stage: String?
  let timestep: Float
  let seconds: Double
  let sample: TensorStatistics
  let modelOutput: TensorStatistics
  let predOriginalSample: TensorStatistics
  /// Whether it is one of an embedding, for which no value is clipped. Not in the JSON.
  let isOfEmbedding: Bool
  /// Left out of the JSON if everything is finite.
  let nonFinite: NonFiniteReport?

  private enum CodingKeys: String, CodingKey {
    case index, stage, timestep, seconds, sample
    case modelOutput = "model_output"
    case predOriginalSample = "pred_original_sample"
    case nonFinite = "non_finite"
  }

  /// Computes a step's statistics.
  init(_ step: DenoisingStep, stage: String? = nil) {
    index = step.index
    self.stage = stage
    timestep = step.timestep
    seconds = step.seconds
    sample = TensorStatistics(of: step.sample)
    modelOutput = TensorStatistics(of: step.modelOutput)
    predOriginalSample = TensorStatistics(of: step.predOriginalSample)
    isOfEmbedding = step.sample.shape.count == 2
    nonFinite = step.nonFinite.map(NonFiniteReport.init)
  }
}

/// The table of steps, a line at a time, as the steps are taken. It is 79 columns wide.
enum StepLines {
  private static let columns: [(heading: String, width: Int)] = [
    ("step", 5), ("timestep", 8), ("sample std", 10), ("output std", 10), ("x_0 mean", 9), ("x_0 std", 9),
    ("clipped", 7), ("seconds", 7),
  ]

  /// The line with the headings.
  ///
  /// - Parameter latents: Whether the steps are of latents, which nothing clips: the share of those at or beyond -1 and
  ///   1 is named for what it is.
  static func heading(latents: Bool) -> PrintedText {
    line(columns.map { latents && $0.heading == "clipped" ? "|x|>=1" : $0.heading })
  }

  /// The line of a step, below the name of its stage if it is the first one there.
  static func lines(_ step: StepReport, after last: StepReport?) -> PrintedText {
    guard let stage = step.stage, last?.stage != stage else { return line(step) }
    return "\(stage)\n\(line(step))"
  }

  private static func line(_ step: StepReport) -> PrintedText {
    let original = step.predOriginalSample
    let values = [step.sample.std, step.modelOutput.std, original.mean, original.std]
    let numbers = zip(values, columns[2...]).map { FixedDecimal.text($0, digits: 6, columns: $1.width) }
    return line(
      ["\(step.index)", timestep(step.timestep)] + numbers + [
        step.isOfEmbedding ? "-" : FixedDecimal.text(original.clipped * 100, digits: 1) + "%",
        FixedDecimal.text(step.seconds, digits: 3, columns: 7),
      ])
  }

  private static func timestep(_ value: Float) -> String {
    let whole = value.wholeText
    return whole.count <= 8 ? whole : FixedDecimal.text(Double(value), digits: 6, columns: 8)
  }

  private static func line(_ texts: [String]) -> PrintedText {
    TextTable.line(texts.map { PrintedText(line: $0) }, columns.map { ($0.width, .right) })
  }
}
