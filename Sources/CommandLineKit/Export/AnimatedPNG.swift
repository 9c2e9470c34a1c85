import CPNG
import DiffusionCore

/// An animated PNG, frame by frame. Browsers play it, and other readers show its first frame.
///
/// Each frame is compressed by libpng as a PNG of its own, whose data then go into `fdAT` chunks (PNG specification,
/// third edition, 11.3.6).
package struct AnimatedPNG: Sendable {
  private let timing: AnimationTiming
  private var first: [PNGChunk] = []
  private var frames: [[[UInt8]]] = []
  private var width = 0, height = 0

  /// Whether it has no frame.
  var isEmpty: Bool { frames.isEmpty }

  /// Creates an animation without frames.
  package init(timing: AnimationTiming) { self.timing = timing }

  /// Adds a frame.
  ///
  /// - Throws: ``DiffusionError``: `badData` if its size differs from the first, `inputOutput` if libpng fails.
  package mutating func append(_ image: PixelImage) throws {
    let chunks = try PNGChunk.read(image.png())
    if frames.isEmpty { (first, width, height) = (chunks, image.width, image.height) }
    guard (image.width, image.height) == (width, height) else {
      throw DiffusionError(
        .badData, "a frame of \(image.width)x\(image.height) in an animation of \(width)x\(height): expected one size")
    }
    frames.append(chunks.filter { $0.type == "IDAT" }.map(\.data))
  }

  /// The bytes of the file.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if there is no frame.
  package func file() throws -> [UInt8] {
    guard !frames.isEmpty else { throw DiffusionError(.badData, "an animation needs at least one frame") }
    var file = PNGChunk.signature
    for chunk in first.prefix(while: { $0.type != "IDAT" }) { file += chunk.bytes }
    file += PNGChunk(type: "acTL", data: PNGChunk.big(frames.count) + PNGChunk.big(timing.loops)).bytes
    var sequence = 0
    for (index, parts) in frames.enumerated() {
      file += control(of: index, sequence: sequence).bytes
      sequence += 1
      for part in parts where index == 0 { file += PNGChunk(type: "IDAT", data: part).bytes }
      for part in parts where index > 0 {
        file += PNGChunk(type: "fdAT", data: PNGChunk.big(sequence) + part).bytes
        sequence += 1
      }
    }
    return file + PNGChunk(type: "IEND", data: []).bytes
  }

  /// `fcTL`: the frame fills the image, replaces what was there, and stays for its delay in thousandths of a second.
  private func control(of index: Int, sequence: Int) -> PNGChunk {
    let delay = timing.delay(of: index, among: frames.count)
    let head = [sequence, width, height, 0, 0].flatMap(PNGChunk.big)
    return PNGChunk(type: "fcTL", data: head + PNGChunk.big16(delay) + PNGChunk.big16(1000) + [0, 0])
  }
}

/// A chunk of a PNG file: four letters and data.
struct PNGChunk: Sendable {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  let type: String
  let data: [UInt8]

  /// The bytes of the chunk in a file: its length, its type, its data, and the CRC of the last two.
  var bytes: [UInt8] {
    let body = Array(type.utf8) + data
    return Self.big(data.count) + body + Self.big(Int(cpng_crc32(body, body.count)))
  }

  /// Reads the chunks of a PNG file from libpng.
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

  /// 32 bits, big endian.
  static func big(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// 16 bits, big endian.
  static func big16(_ value: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}
