import DiffusionCore

/// Collects what a run shows, step by step, for a file that is written at its end.
protocol RunRecorder {
  /// Takes the next step.
  mutating func record(_ step: DenoisingStep) throws
  /// What shall be written, given the images, `[batch, height, width, channels]` in [0, 1]; nil for a run with steps
  /// left.
  func files(images: Tensor<Float>?) throws -> [OutputFile]
}

/// A file that is ready to be written.
struct OutputFile: Sendable {
  let path: String
  let bytes: [UInt8]
}

/// Collects a run's receipt.
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
