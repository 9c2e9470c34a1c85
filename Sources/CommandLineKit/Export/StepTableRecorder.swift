import DiffusionCore

/// Collects the lines of a table of statistics.
struct StepTableRecorder: RunRecorder {
  let path: String
  let schedule: [UpdateTerms]
  private var table = StepTable()

  init(path: String, schedule: [UpdateTerms]) {
    (self.path, self.schedule) = (path, schedule)
  }

  mutating func record(_ step: DenoisingStep) { table.append(step, at: schedule[step.index]) }

  func files(images: Tensor<Float>?) -> [OutputFile] { [OutputFile(path: path, bytes: Array(table.text.utf8))] }
}
