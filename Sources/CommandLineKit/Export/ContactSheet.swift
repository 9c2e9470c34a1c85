import DiffusionCore
import DiffusionTUI

/// All steps of a run in one image: the number of the step, x_t below it, and the predicted originals below that, with
/// further steps in rows below those.
///
/// Column i of N + 1 shows what the explorer shows at `step i/N`: x_t after i steps, and x_0 as predicted by step i,
/// which the noise at the start does not have.
package struct ContactSheet: Sendable {
  /// The largest number of columns in a row.
  private static let maximumColumns = 11
  /// The colour of the numbers.
  private static let ink = RGB(224, 224, 224)

  /// A column: the images after some steps.
  package struct Column: Sendable {
    let sample: PixelImage
    let predicted: PixelImage?

    /// Creates a column; there is no prediction before the first step.
    package init(sample: PixelImage, predicted: PixelImage?) {
      (self.sample, self.predicted) = (sample, predicted)
    }
  }

  private let width: Int, height: Int, count: Int
  /// The number of times each pixel is repeated.
  package let scale: Int

  /// Plans a sheet.
  ///
  /// - Parameters:
  ///   - width: The width of an image in pixels.
  ///   - height: The height of an image in pixels.
  ///   - columns: The number of columns, the noise and the steps, at least 1.
  ///   - scale: The number of times each pixel is repeated, at least 1.
  /// - Throws: ``DiffusionError`` (`usage`) if it would be larger than 100 megapixels.
  package init(width: Int, height: Int, columns: Int, scale: Int) throws {
    (self.width, self.height, count, self.scale) = (width, height, columns, scale)
    let (across, down) = extent
    try PixelImage.require(
      across, down, for: "--contact-sheet",
      "\(columns) columns of \(width)x\(height) at scale \(scale) are \(across)x\(down) pixels",
      remedy: "ask for fewer steps or a smaller --scale")
  }

  private var columnsInRow: Int { min(count, Self.maximumColumns) }
  /// The number of pairs of rows.
  private var bands: Int { (count + columnsInRow - 1) / columnsInRow }
  /// The gap between two images, one pixel of theirs.
  private var gap: Int { scale }

  /// The scale of the numbers, such that they do not look small above a large image.
  private var textScale: Int { max(1, width * scale / 64) }
  /// The rows of the numbers above the images.
  private var labelRows: Int { PixelFont.lineHeight * textScale }
  /// From one column to the next: as wide as the image, or as the last number if that is wider.
  private var pitch: Int {
    max(width * scale, String(count - 1).count * PixelFont.advance * textScale) + gap
  }
  /// From one pair of rows to the next.
  private var bandPitch: Int { labelRows + 2 * height * scale + 3 * gap }

  private var extent: (width: Int, height: Int) { (gap + columnsInRow * pitch, gap + bands * bandPitch - gap) }

  /// The upper left corner of a column's x_t.
  package func place(of index: Int) -> (column: Int, row: Int) {
    (gap + index % columnsInRow * pitch, gap + index / columnsInRow * bandPitch + labelRows)
  }

  /// Draws the sheet; columns beyond the planned number are left out.
  package func image(_ columns: [Column]) -> PixelImage {
    var sheet = PixelImage(width: extent.width, height: extent.height)
    for (index, column) in columns.prefix(count).enumerated() {
      let (x, y) = place(of: index)
      sheet.write("\(index)", Self.ink, column: x, row: y - labelRows, scale: textScale)
      sheet.draw(column.sample, column: x, row: y, scale: scale)
      guard let predicted = column.predicted else { continue }
      sheet.draw(predicted, column: x, row: y + height * scale + gap, scale: scale)
    }
    return sheet
  }
}

/// Records the images of a contact sheet, one sheet for each image of the batch.
struct ContactSheetRecorder: RunRecorder {
  private let path: String
  private let sheet: ContactSheet
  private let latents: LatentFormat?
  private var columns: [[ContactSheet.Column]]

  /// Starts with the noise, `[batch, channels, height, width]`; latents are shown by their format.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the sheet would be too large.
  init(path: String, initialNoise: Tensor<Float>, latents: LatentFormat? = nil, steps: Int, scale: Int?) throws {
    (self.path, self.latents) = (path, latents)
    let samples = PixelImage.batch(initialNoise, latents: latents)
    let (width, height) = (samples.first?.width ?? 1, samples.first?.height ?? 1)
    sheet = try ContactSheet(
      width: width, height: height, columns: steps + 1,
      scale: scale ?? PixelImage.usualScale(width: width, height: height))
    columns = samples.map { [ContactSheet.Column(sample: $0, predicted: nil)] }
  }

  mutating func record(_ step: DenoisingStep) {
    let samples = PixelImage.batch(step.prevSample, latents: latents)
    let predictions = PixelImage.batch(step.predOriginalSample, latents: latents)
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
