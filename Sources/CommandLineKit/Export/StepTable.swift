import DiffusionCore

/// The statistics of every step's tensors as CSV by RFC 4180: a header and one line for each step, each ended by CRLF.
///
/// Numbers have the fewest digits that read back as the same; others are `nan`, `inf` and `-inf`. Nothing in it depends
/// on the device, so the same run gives the same file.
package struct StepTable: Sendable {
  private static let tensors: [(name: String, tensor: @Sendable (DenoisingStep) -> Tensor<Float>)] = [
    ("sample", { $0.sample }), ("model_output", { $0.modelOutput }),
    ("pred_original_sample", { $0.predOriginalSample }), ("prev_sample", { $0.prevSample }),
  ]
  private static let statistics: [(name: String, text: @Sendable (TensorStatistics) -> String)] = [
    ("mean", { "\($0.mean)" }), ("std", { "\($0.std)" }), ("min", { "\($0.min)" }), ("max", { "\($0.max)" }),
    ("abs_sum", { "\($0.absoluteSum)" }), ("l2", { "\($0.l2)" }), ("clipped", { "\($0.clipped)" }),
    ("nan_count", { "\($0.nanCount)" }), ("infinity_count", { "\($0.infinityCount)" }), ("sha256", { $0.sha256 }),
  ]

  private let stages: [StageSteps]
  private var lines: [[String]]

  /// Creates a table with its header.
  ///
  /// - Parameter stages: The stages of the run, which have a column of their own, the last; empty for a run of one.
  package init(stages: [StageSteps] = []) {
    self.stages = stages
    lines = [Self.header + (stages.isEmpty ? [] : [Self.stage])]
  }

  /// The columns of every table.
  static var header: [String] {
    let columns = tensors.flatMap { tensor in statistics.map { "\(tensor.name)_\($0.name)" } }
    return ["step", "timestep", "alpha_cumprod", "sigma"] + columns
  }

  /// The last column of a table of several stages.
  static let stage = "stage"

  /// Appends a step, which is at a point of the schedule.
  package mutating func append(_ step: DenoisingStep, at point: UpdateTerms) {
    let columns = Self.tensors.flatMap { entry in
      let statistics = TensorStatistics(of: entry.tensor(step), histogramBins: 0)
      return Self.statistics.map { $0.text(statistics) }
    }
    let stage = stages.isEmpty ? [] : [stages.stage(ofStep: step.index)?.name ?? ""]
    lines.append(
      ["\(step.index)", step.timestep.wholeText, "\(point.alphaCumprod)", "\(point.sigma)"] + columns + stage)
  }

  /// The contents of the file.
  package var text: String { CSVText.lines(lines) }
}

/// Records the lines of a table of statistics.
struct StepTableRecorder: RunRecorder {
  let path: String
  let schedule: [UpdateTerms]
  private var table: StepTable

  init(path: String, of run: some SteppableRun) {
    (self.path, schedule, table) = (path, run.schedule, StepTable(stages: run.stages))
  }

  mutating func record(_ step: DenoisingStep) { table.append(step, at: schedule[step.index]) }

  func files(images: Tensor<Float>?) -> [OutputFile] { [OutputFile(path: path, bytes: Array(table.text.utf8))] }
}

/// Comma-separated values by RFC 4180.
package enum CSVText {
  /// Lines of fields, each ended by CRLF.
  package static func lines(_ lines: [[String]]) -> String {
    lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// A field, quoted if it contains a comma, a quotation mark or a line break.
  package static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
