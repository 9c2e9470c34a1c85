import DiffusionCore

/// Collects what a run shows, step by step, for a file that is written at its end.
protocol RunRecorder {
  /// Takes the next step.
  mutating func record(_ step: DenoisingStep) throws
  /// What shall be written, given the images, `[batch, height, width, channels]` in [0, 1].
  func files(images: Tensor<Float>) throws -> [OutputFile]
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

  func files(images: Tensor<Float>) throws -> [OutputFile] {
    [OutputFile(path: path, bytes: try recorder.receipt(images: images).json())]
  }
}
