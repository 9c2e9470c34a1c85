import DiffusionCore

/// The files written about a run's steps, recorded during the run and written at its end.
struct RunExports {
  private var recorders: [any RunRecorder] = []

  /// Creates the recorders, starting with a run's noise.
  ///
  /// - Parameters:
  ///   - request: The files.
  ///   - heading: The heading of the receipt; nil for no receipt.
  /// - Throws: ``DiffusionError`` (`usage`) for an image that would be too large.
  init(_ request: ExportRequest, heading: ReceiptHeading?, run: some SteppableRun) throws {
    if let path = request.contactSheet {
      recorders.append(try ContactSheetRecorder(path: path, run: run, scale: request.scale))
    }
    if let path = request.animation {
      recorders.append(
        try AnimationRecorder(path: path, run: run, timing: request.timing, scale: request.scale))
    }
    if let path = request.csv { recorders.append(StepTableRecorder(path: path, of: run)) }
    if let path = request.receipt, let heading {
      let recorder = ReceiptRecorder(
        heading, scheduler: run.schedulerRecord, settings: run.settings, initialNoise: run.initialNoise,
        picture: run.picture, initialSample: run.initialSample)
      recorders.append(ReceiptFileRecorder(path: path, recorder: recorder))
    }
  }

  /// Records the next step.
  mutating func record(_ step: DenoisingStep) throws {
    for index in recorders.indices { try recorders[index].record(step) }
  }

  /// The contents of the files, none of which is written yet.
  func files(images: Tensor<Float>?) throws -> [OutputFile] {
    try recorders.flatMap { try $0.files(images: images) }
  }
}
