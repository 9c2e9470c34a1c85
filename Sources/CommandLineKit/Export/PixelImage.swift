import DiffusionCore
import DiffusionTUI

/// 8-bit RGB pixels in sRGB, row by row.
package struct PixelImage: Sendable, Equatable {
  /// The limit for memory and readers of PNG: 100 megapixels.
  private static let maximumPixels = 100_000_000
  /// The largest side of an enlarged image.
  private static let usualSide = 128
  /// The colour between images: a gray that stands out from black and white images.
  package static let background: UInt8 = 40

  /// Pixels across.
  package let width: Int
  /// Pixels down.
  package let height: Int
  /// Three bytes for each pixel, as many as `width * height * 3`.
  package private(set) var bytes: [UInt8]

  /// Refuses an image that is too large, or for which memory is short.
  ///
  /// - Parameters:
  ///   - width: Pixels across.
  ///   - height: Pixels down.
  ///   - subject: What it is of: `--contact-sheet`.
  ///   - detail: How large it is, in words.
  ///   - remedy: What to do about it.
  /// - Throws: ``DiffusionError``: `usage` above 100 megapixels, `unavailable` if memory is short.
  static func require(_ width: Int, _ height: Int, for subject: String, _ detail: String, remedy: String) throws {
    let (pixels, overflows) = width.multipliedReportingOverflow(by: height)
    guard !overflows, pixels <= maximumPixels else {
      throw DiffusionError(.usage, "\(subject): \(detail): expected at most 100 megapixels; \(remedy)")
    }
    // The pixels, the file's, and the file.
    try MemoryBudget.current().require(9 * pixels, for: subject, remedy: remedy)
  }

  /// Creates an image of one gray, by default the background's.
  package init(width: Int, height: Int, gray: UInt8 = background) {
    (self.width, self.height) = (width, height)
    bytes = [UInt8](repeating: gray, count: width * height * 3)
  }

  /// Creates an image of its pixels, three bytes for each.
  init(width: Int, height: Int, pixels: [UInt8]) {
    (self.width, self.height, bytes) = (width, height, pixels)
  }

  /// Creates one image of a batch as the explorer shows it: [-1, 1] becomes 0 to 255, one channel is gray, NaN is
  /// magenta.
  ///
  /// - Parameters:
  ///   - tensor: `[batch, channels, height, width]`; nil is returned for any other shape.
  ///   - index: The index of the image in the batch.
  package init?(of tensor: Tensor<Float>, index: Int) {
    guard let picture = Picture(of: tensor, image: index) else { return nil }
    self.init(picture)
  }

  /// Creates the image of a picture.
  init(_ picture: Picture) {
    (width, height) = (picture.columns, picture.rows)
    bytes = []
    bytes.reserveCapacity(width * height * 3)
    for row in 0..<height {
      for column in 0..<width {
        let color = picture[column, row]
        bytes += [color.red, color.green, color.blue]
      }
    }
  }

  /// Every image of a batch, `[batch, channels, height, width]`, as the explorer shows it: of latents their preview, at
  /// the size of the decoded images.
  package static func batch(_ tensor: Tensor<Float>, latents: LatentFormat? = nil) -> [PixelImage] {
    let shown = latents?.preview(tensor) ?? tensor
    let images = (0..<(shown.shape.first ?? 0)).compactMap { PixelImage(of: shown, index: $0) }
    return latents.map { latents in images.map { $0.enlarged(latents.scale) } } ?? images
  }

  /// Every image that a decoder made, `[batch, height, width, channels]` in [0, 1].
  static func batch(decoded images: Tensor<Float>) -> [PixelImage] {
    let planes = DecodedImage.planes(of: images)
    return (0..<(planes.shape.first ?? 0)).compactMap { index in
      Picture(of: planes, image: index, range: .unit).map { PixelImage($0) }
    }
  }

  /// The largest whole factor that keeps an image within 128 pixels, at least 1.
  package static func usualScale(width: Int, height: Int) -> Int {
    max(1, usualSide / max(1, width, height))
  }

  /// The image with each pixel repeated, horizontally and vertically.
  package func enlarged(_ scale: Int) -> PixelImage {
    var image = PixelImage(width: width * scale, height: height * scale)
    image.draw(self, column: 0, row: 0, scale: scale)
    return image
  }

  /// Draws an image with each of its pixels repeated; it must lie within this one.
  package mutating func draw(_ image: PixelImage, column: Int, row: Int, scale: Int) {
    var line: [UInt8] = []
    line.reserveCapacity(image.width * scale * 3)
    for y in 0..<image.height {
      line.removeAll(keepingCapacity: true)
      for x in 0..<image.width {
        let start = (y * image.width + x) * 3
        for _ in 0..<scale { line += image.bytes[start..<start + 3] }
      }
      for repetition in 0..<scale {
        let start = ((row + y * scale + repetition) * width + column) * 3
        bytes.replaceSubrange(start..<start + line.count, with: line)
      }
    }
  }

  /// Fills the part of a rectangle that lies within the image.
  mutating func fill(_ color: RGB, column: Int, row: Int, columns: Int, rows: Int) {
    for y in max(0, row)..<max(0, row, min(height, row + rows)) {
      for x in max(0, column)..<max(0, column, min(width, column + columns)) {
        let start = (y * width + x) * 3
        (bytes[start], bytes[start + 1], bytes[start + 2]) = (color.red, color.green, color.blue)
      }
    }
  }

  /// The image as a PNG file.
  ///
  /// - Throws: ``DiffusionError`` (`inputOutput`) if libpng fails.
  package func png() throws -> [UInt8] {
    try PNGFile.encode(bytes, width: width, height: height, channels: 3, named: "\(width)x\(height) pixels")
  }
}

extension Tensor<Float> {
  /// One image of a batch, `[batch, channels, height, width]`, as the explorer shows it, in a PNG file.
  ///
  /// - Parameters:
  ///   - index: The index of the image in the batch.
  ///   - scale: The number of times each pixel is repeated in both directions, at least 1.
  /// - Throws: ``DiffusionError``: `badData` for another shape, `inputOutput` if libpng fails.
  package func shownPNG(index: Int = 0, scale: Int = 1) throws -> [UInt8] {
    guard let image = PixelImage(of: self, index: index) else {
      throw DiffusionError(
        .badData, "a tensor of shape \(shape) has no image \(index): expected [batch, channels, height, width]")
    }
    return try image.enlarged(max(1, scale)).png()
  }
}
