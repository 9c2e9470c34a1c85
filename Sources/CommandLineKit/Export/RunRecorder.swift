import DiffusionCore

/// Collects what a run shows, step by step, for a file that is written at its end.
protocol RunRecorder {
  /// Takes the next step.
  mutating func record(_ step: DenoisingStep) throws
  /// What shall be written, given the images, `[batch, height, width, channels]` in [0, 1]; nil for a run with steps left.
  func files(images: Tensor<Float>?) throws -> [OutputFile]
}

/// A file that is ready to be written.
struct OutputFile: Sendable {
  let path: String
  let bytes: [UInt8]
}
