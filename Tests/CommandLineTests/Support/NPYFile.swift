import DiffusionCore
import Foundation

/// The header and float32 elements of a `.npy` file, read without the program's own reader.
struct NPYFile {
  let header: String
  let floats: [Float]

  init(_ bytes: [UInt8]) throws {
    guard bytes.count > 10, bytes[..<8] == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0] else {
      throw DiffusionError(.badData, "no .npy file of version 1.0")
    }
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    header = String(decoding: bytes[10..<start], as: UTF8.self)
    floats = stride(from: start, to: bytes.count - 3, by: 4).map { offset in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) })
    }
  }
}
