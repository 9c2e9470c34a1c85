import DiffusionCore

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
