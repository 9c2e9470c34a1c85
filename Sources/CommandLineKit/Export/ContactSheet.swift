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
    var sample: PixelImage
    let predicted: PixelImage?
    /// Whether the sample is decoded from latents, unlike those of other columns.
    var isDecoded = false

    /// The number of steps before it; nil for its index.
    let number: Int?

    /// Creates a column; there is no prediction before the first step.
    package init(sample: PixelImage, predicted: PixelImage?, number: Int? = nil) {
      (self.sample, self.predicted, self.number) = (sample, predicted, number)
    }
  }

  private let width: Int, height: Int, count: Int, lastNumber: Int
  /// The number of times each pixel is repeated.
  package let scale: Int

  /// Plans a sheet.
  ///
  /// - Parameters:
  ///   - width: The width of an image in pixels.
  ///   - height: The height of an image in pixels.
  ///   - columns: The number of columns, the noise and the steps, at least 1.
  ///   - scale: The number of times each pixel is repeated, at least 1.
  ///   - lastNumber: The largest number of steps above a column; nil for that of the last one.
  /// - Throws: ``DiffusionError`` (`usage`) if it would be larger than 100 megapixels.
  package init(width: Int, height: Int, columns: Int, scale: Int, lastNumber: Int? = nil) throws {
    (self.width, self.height, count, self.scale) = (width, height, columns, scale)
    self.lastNumber = lastNumber ?? columns - 1
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
    max(width * scale, String(lastNumber).count * PixelFont.advance * textScale) + gap
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
      let number = column.number ?? index, note = "\(number) decoded"
      let hasNote = column.isDecoded && note.count * PixelFont.advance * textScale <= pitch
      sheet.write(hasNote ? note : "\(number)", Self.ink, column: x, row: y - labelRows, scale: textScale)
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
  private let isLatent: Bool
  private var pictures: SamplePictures
  private var columns: [[ContactSheet.Column]]

  /// Starts with the noise, `[batch, channels, height, width]`, or with an embedding, which has no column; latents are
  /// shown by their format, and the last ones decoded.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the sheet would be too large.
  init(path: String, run: some SteppableRun, scale: Int?) throws {
    (self.path, isLatent) = (path, run.latents != nil)
    pictures = SamplePictures(of: run)
    let (width, height) = (max(1, pictures.width), max(1, pictures.height))
    sheet = try ContactSheet(
      width: width, height: height, columns: max(1, pictures.count),
      scale: scale ?? PixelImage.usualScale(width: width, height: height), lastNumber: run.schedule.count)
    columns = (0..<(run.initialSample.shape.first ?? 0)).map { _ in [] }
    append(pictures.images(run.initialSample), [], after: 0)
  }

  mutating func record(_ step: DenoisingStep) {
    append(pictures.noise(before: step), [], after: step.index)
    append(pictures.images(step.prevSample), pictures.images(step.predOriginalSample), after: step.index + 1)
  }

  /// Appends a column for each image of the batch.
  private mutating func append(_ samples: [PixelImage], _ predictions: [PixelImage], after steps: Int) {
    for (index, sample) in samples.enumerated() where index < columns.count {
      let predicted = predictions.indices.contains(index) ? predictions[index] : nil
      columns[index].append(ContactSheet.Column(sample: sample, predicted: predicted, number: steps))
    }
  }

  func files(images: Tensor<Float>?) throws -> [OutputFile] {
    var columns = columns
    if isLatent, let images {
      for (index, image) in pictures.images(decoded: images).enumerated() where index < columns.count {
        let last = columns[index].count - 1
        (columns[index][last].sample, columns[index][last].isDecoded) = (image, true)
      }
    }
    return try zip(BatchPaths.paths(path, count: columns.count), columns).map { path, columns in
      guard !columns.isEmpty else { throw SamplePictures.absence(path) }
      return OutputFile(path: path, bytes: try sheet.image(columns).png())
    }
  }
}
