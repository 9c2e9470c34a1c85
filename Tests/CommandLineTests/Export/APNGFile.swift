import DiffusionCore

/// An animated PNG, read chunk by chunk without the program's own reader; every CRC is checked against its definition.
struct APNGFile {
  struct Chunk {
    let type: String
    let data: [UInt8]
  }

  struct Frame {
    let sequence, width, height: Int
    /// In thousandths of a second.
    let delay: Int
    let pixels: PNGPixels
  }

  let plays: Int
  let announced: Int
  let frames: [Frame]

  init(_ file: [UInt8]) throws {
    let chunks = try Self.chunks(file)
    guard chunks.first?.type == "IHDR", chunks.last?.type == "IEND",
      let control = chunks.first(where: { $0.type == "acTL" })?.data, control.count == 8
    else { throw DiffusionError(.badData, "no animation: \(chunks.map(\.type))") }
    (announced, plays) = (Self.number(control[0..<4]), Self.number(control[4..<8]))
    let sequences = chunks.filter { ["fcTL", "fdAT"].contains($0.type) }.map { Self.number($0.data[0..<4]) }
    guard sequences == Array(0..<sequences.count) else { throw DiffusionError(.badData, "out of order: \(sequences)") }
    var frames: [Frame] = []
    for (index, chunk) in chunks.enumerated() where chunk.type == "fcTL" {
      let parts = chunks[(index + 1)...].prefix { $0.type == "IDAT" || $0.type == "fdAT" }
      frames.append(try Self.frame(chunk.data, parts, header: chunks[0]))
    }
    self.frames = frames
  }

  /// A frame as a PNG of its own, for libpng to read.
  private static func frame(_ control: [UInt8], _ parts: ArraySlice<Chunk>, header: Chunk) throws -> Frame {
    let data = parts.flatMap { $0.type == "fdAT" ? Array($0.data.dropFirst(4)) : $0.data }
    let file =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + bytes(header)
      + bytes(Chunk(type: "IDAT", data: data)) + bytes(Chunk(type: "IEND", data: []))
    guard number(control[22..<24]) == 1000 else { throw DiffusionError(.badData, "delays are not in thousandths") }
    return Frame(
      sequence: number(control[0..<4]), width: number(control[4..<8]), height: number(control[8..<12]),
      delay: number(control[20..<22]), pixels: try PNGPixels(file))
  }

  private static func chunks(_ file: [UInt8]) throws -> [Chunk] {
    var chunks: [Chunk] = []
    var place = 8
    while place + 12 <= file.count {
      let length = number(file[place..<place + 4])
      let body = Array(file[place + 4..<place + 8 + length])
      guard number(file[place + 8 + length..<place + 12 + length]) == crc(body) else {
        throw DiffusionError(.badData, "the CRC at \(place) is wrong")
      }
      chunks.append(Chunk(type: String(decoding: body.prefix(4), as: UTF8.self), data: Array(body.dropFirst(4))))
      place += 12 + length
    }
    return chunks
  }

  private static func bytes(_ chunk: Chunk) -> [UInt8] {
    let body = Array(chunk.type.utf8) + chunk.data
    return big(chunk.data.count) + body + big(crc(body))
  }

  private static func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  /// Bit by bit (PNG specification, third edition, annex D).
  private static func crc(_ bytes: [UInt8]) -> Int {
    let remainder = bytes.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }
    return Int(~remainder)
  }
}
