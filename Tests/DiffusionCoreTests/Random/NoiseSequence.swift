import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// Actions on one generator, in order.
struct NoiseSequence: Sendable, CustomTestStringConvertible {
  let name: String
  var steps: [NoiseStep] = []

  var testDescription: String { name }

  /// Every recorded sequence.
  static func all() throws -> [NoiseSequence] {
    let folder = URL(filePath: Fixtures.folder + "/noise")
    let blob = [UInt8](try Data(contentsOf: folder.appending(path: "cpu.bin")))
    let text = try String(contentsOf: folder.appending(path: "cpu.tsv"), encoding: .utf8)
    var sequences: [NoiseSequence] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      let name = String(fields[0])
      if sequences.last?.name != name { sequences.append(NoiseSequence(name: name)) }
      sequences[sequences.count - 1].steps.append(try NoiseStep(fields: fields, blob: blob))
    }
    return sequences
  }
}

/// 64-bit FNV-1a, as computed by `generate_noise.py`.
enum FNV1a {
  static func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

extension Tensor {
  /// The elements' bytes, little endian, in row-major order.
  var elementBytes: [UInt8] { scalars.withUnsafeBytes { Array($0) } }
}
