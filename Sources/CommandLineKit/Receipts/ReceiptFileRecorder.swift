import DiffusionCore

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
