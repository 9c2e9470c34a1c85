import CPNG
import DiffusionCore

/// One chunk of a PNG file: four letters and data.
struct PNGChunk: Sendable {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  let type: String
  let data: [UInt8]

  /// The chunk in a file: its length, its type, its data, and the CRC of the last two.
  var bytes: [UInt8] {
    let body = Array(type.utf8) + data
    return Self.big(data.count) + body + Self.big(Int(cpng_crc32(body, body.count)))
  }

  /// The chunks of a PNG file that libpng has written.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if the file ends within one.
  static func read(_ file: [UInt8]) throws -> [PNGChunk] {
    var chunks: [PNGChunk] = []
    var rest = file.dropFirst(signature.count)
    while !rest.isEmpty {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= length + 12 else {
        throw DiffusionError(.badData, "a PNG of \(file.count) bytes ends within a chunk")
      }
      let type = String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self)
      chunks.append(PNGChunk(type: type, data: Array(rest.dropFirst(8).prefix(length))))
      rest = rest.dropFirst(length + 12)
    }
    return chunks
  }

  /// 32 bits, the highest first.
  static func big(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// 16 bits, the highest first.
  static func big16(_ value: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}
