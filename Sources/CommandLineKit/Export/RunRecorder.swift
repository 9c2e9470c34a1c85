import DiffusionCore

/// Records a run, step by step, for a file that is written at its end.
protocol RunRecorder {
  /// Records the next step.
  mutating func record(_ step: DenoisingStep) throws
  /// The files to write, given the images, `[batch, height, width, channels]` in [0, 1]; nil for an unfinished run.
  func files(images: Tensor<Float>?) throws -> [OutputFile]
}

/// A file to be written.
struct OutputFile: Sendable {
  let path: String
  let bytes: [UInt8]
}

/// Records a run's receipt.
struct ReceiptFileRecorder: RunRecorder {
  let path: String
  private var recorder: ReceiptRecorder

  init(path: String, recorder: ReceiptRecorder) {
    (self.path, self.recorder) = (path, recorder)
  }

  mutating func record(_ step: DenoisingStep) { recorder.record(step) }

  func files(images: Tensor<Float>?) throws -> [OutputFile] {
    guard let images else {
      throw DiffusionError(.usage, "\(path): a receipt is of a finished run: take its last step first")
    }
    return [OutputFile(path: path, bytes: try recorder.receipt(images: images).json())]
  }
}
