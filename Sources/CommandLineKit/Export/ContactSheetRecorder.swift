import DiffusionCore

/// Collects the pictures of a contact sheet, one sheet for each image of the batch.
struct ContactSheetRecorder: RunRecorder {
  private let path: String
  private let sheet: ContactSheet
  private var columns: [[ContactSheet.Column]]

  /// Starts with the noise, `[batch, channels, height, width]`.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the sheet would be too large.
  init(path: String, initialNoise: Tensor<Float>, steps: Int, scale: Int?) throws {
    self.path = path
    let samples = PixelImage.batch(initialNoise)
    let (width, height) = (samples.first?.width ?? 1, samples.first?.height ?? 1)
    sheet = try ContactSheet(
      width: width, height: height, columns: steps + 1,
      scale: scale ?? PixelImage.usualScale(width: width, height: height))
    columns = samples.map { [ContactSheet.Column(sample: $0, predicted: nil)] }
  }

  mutating func record(_ step: DenoisingStep) {
    let samples = PixelImage.batch(step.prevSample), predictions = PixelImage.batch(step.predOriginalSample)
    for (index, (sample, predicted)) in zip(samples, predictions).enumerated() where index < columns.count {
      columns[index].append(ContactSheet.Column(sample: sample, predicted: predicted))
    }
  }

  func files(images: Tensor<Float>?) throws -> [OutputFile] {
    try zip(BatchPaths.paths(path, count: columns.count), columns).map { path, columns in
      OutputFile(path: path, bytes: try sheet.image(columns).png())
    }
  }
}
