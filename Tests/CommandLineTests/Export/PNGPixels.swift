import CPNG
import DiffusionCore

/// The pixels of a PNG file, 8-bit RGB.
struct PNGPixels: Equatable {
  let width: Int
  let height: Int
  let bytes: [UInt8]

  init(_ file: [UInt8]) throws {
    var pixels = [UInt8](repeating: 0, count: 4_000_000)
    var (width, height) = (UInt32(0), UInt32(0))
    var message = [CChar](repeating: 0, count: 64)
    guard cpng_decode(file, file.count, 3, &pixels, pixels.count, &width, &height, &message) == 0 else {
      throw DiffusionError(.badData, "no PNG: \(message)")
    }
    (self.width, self.height) = (Int(width), Int(height))
    bytes = Array(pixels.prefix(Int(width * height) * 3))
  }

  subscript(column: Int, row: Int) -> [UInt8] {
    Array(bytes[(row * width + column) * 3..<(row * width + column) * 3 + 3])
  }
}
