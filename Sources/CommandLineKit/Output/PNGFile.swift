import CPNG
import DiffusionCore

/// PNG files of images.
package enum PNGFile {
  /// Writes one image of a batch.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]` in [0, 1], with 1, 3 or 4 channels.
  ///   - index: The index of the image in the batch.
  ///   - path: The path of the file.
  ///   - checkCancellation: Called while nothing reads a pipe; throws to end the wait.
  /// - Throws: ``DiffusionError``: `badData` for another number of channels; `cannotCreate` or `inputOutput` for the
  ///   file; what `checkCancellation` throws.
  package static func write(
    _ images: Tensor<Float>, index: Int, to path: String, checkCancellation: (() throws -> Void)? = nil
  ) throws {
    try AtomicFile.write(
      pixels(of: images, index: index, named: path).png(named: path), to: path, checkCancellation: checkCancellation)
  }

  /// The pixels of one image of a batch.
  ///
  /// - Parameters:
  ///   - images: `[batch, height, width, channels]` in [0, 1], with 1, 3 or 4 channels.
  ///   - index: The index of the image in the batch.
  ///   - path: The name of the image in errors.
  /// - Throws: ``DiffusionError`` (`badData`) for another number of channels.
  static func pixels(of images: Tensor<Float>, index: Int, named path: String) throws -> ImagePixels {
    let (height, width, channels) = (images.shape[1], images.shape[2], images.shape[3])
    guard [1, 3, 4].contains(channels) else {
      throw DiffusionError(
        .badData, "\(path): a PNG has 1, 3 or 4 channels, the image has \(channels): use a file with .npy")
    }
    let count = height * width * channels
    let pixels = images.scalars[index * count..<(index + 1) * count].map(quantize)
    return ImagePixels(bytes: pixels, width: width, height: height, channels: channels)
  }

  /// Encodes 8-bit pixels, row by row, as a PNG file.
  ///
  /// - Parameters:
  ///   - pixels: `width * height * channels` bytes in sRGB.
  ///   - channels: 1 (gray), 3 (RGB) or 4 (RGBA).
  ///   - name: The name of the image in errors.
  /// - Throws: ``DiffusionError`` (`inputOutput`) if libpng fails.
  package static func encode(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int, named name: String
  ) throws -> [UInt8] {
    let capacity = cpng_bound(UInt32(width), UInt32(height), UInt32(channels))
    var file = [UInt8](repeating: 0, count: capacity)
    var size = capacity
    var message = [CChar](repeating: 0, count: 64)
    guard cpng_encode(pixels, UInt32(width), UInt32(height), UInt32(channels), &file, &size, &message) == 0 else {
      let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw DiffusionError(.inputOutput, "\(name): cannot be encoded as PNG: \(text)")
    }
    return Array(file.prefix(size))
  }

  /// Maps a value in [0, 1] to 0 to 255: `(images * 255).round().astype("uint8")` (diffusers `numpy_to_pil`), which
  /// rounds halves to even. Values out of range are clamped, and NaN is black.
  package static func quantize(_ value: Float) -> UInt8 {
    let scaled = (value * 255).rounded(.toNearestOrEven)
    guard scaled > 0 else { return 0 }
    return scaled < 255 ? UInt8(scaled) : 255
  }
}

/// The 8-bit pixels of an image.
package struct ImagePixels: Sendable {
  let bytes: [UInt8]
  let width: Int, height: Int, channels: Int

  /// The digest of the pixels, row by row. Unlike that of a file, it does not depend on the compressor.
  var sha256: String { bytes.withUnsafeBytes { ContentHash.sha256($0) } }

  /// The pixels as a PNG file.
  func png(named name: String) throws -> [UInt8] {
    try PNGFile.encode(bytes, width: width, height: height, channels: channels, named: name)
  }
}
