import DiffusionCore
import Foundation
import TestSupport
import Testing

/// No input traps, hangs or takes memory without limit: a damaged file is read or refused with a ``DiffusionError``.
@Suite("A damaged file of torch.save") struct TorchFuzzTests {
  private static let corpus: [[UInt8]] = [
    "types.pt", "types-legacy.pt", "types-protocol-4.pt", "views.pt", "views-legacy.pt", "big-endian.pt", "module.pt",
  ].compactMap { try? FileAccess.read("\(Fixtures.folder)/torch/\($0)") }

  /// Opens bytes in memory and reads every tensor; true if that succeeds.
  private func reads(_ bytes: [UInt8], _ comment: @autoclosure () -> String) throws -> Bool {
    try bytes.withUnsafeBytes { buffer in
      do {
        let file = try TorchFile(bytes: ReadOnlyBytes(constant: buffer), path: "x")
        for (name, tensor) in file.tensors where tensor.dtype == .float32 || tensor.dtype == .float16 {
          #expect(try file.floats(name).count == tensor.shape.reduce(1, *), "\(comment())")
        }
        return true
      } catch let error as DiffusionError {
        let isOneLine = error.kind == .badData && error.message.hasPrefix("x: ") && !error.message.contains("\n")
        #expect(isOneLine, "\(comment()): \(error)")
        return false
      }
    }
  }

  @Test("is refused wherever it is cut", arguments: corpus.indices)
  func cut(_ index: Int) throws {
    let sound = Self.corpus[index]
    #expect(Self.corpus.count == 7)
    #expect(try reads(sound, "whole"))
    for count in stride(from: 0, to: sound.count, by: 3) {
      #expect(try !reads(Array(sound[..<count]), "cut to \(count)"), "cut to \(count) bytes")
    }
    #expect(try !reads(Array(sound.dropLast()), "cut by one byte"))
  }

  @Test("is read or refused, whichever bit is flipped", arguments: corpus.indices)
  func flip(_ index: Int) throws {
    let sound = Self.corpus[index]
    for place in stride(from: 0, to: sound.count, by: 2) {
      var bytes = sound
      bytes[place] ^= 1 << UInt8(place / 2 % 8)
      _ = try reads(bytes, "byte \(place)")
    }
  }

  /// 4,000 files, or as many as `FUZZ_EXECUTIONS` says, from the number `FUZZ_SEED` on.
  @Test("is read or refused, however it is damaged")
  func damaged() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment["FUZZ_EXECUTIONS"].flatMap(UInt64.init) ?? 4000
    let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 0
    var refused: UInt64 = 0
    for number in seed..<(seed + count) {
      if count > 10_000, number % 10_000 == 0 { print("fuzz torch \(number)") }
      if try !reads(TorchMutator(number).file(from: Self.corpus), "\(number)") { refused += 1 }
    }
    if count > 10_000 { print("fuzz torch: \(count) executions, \(refused) refused") }
    #expect(refused > count / 3 && refused < count)
  }
}

/// Damages a file, in a way that its number alone determines.
private struct TorchMutator {
  private var state: UInt64

  init(_ number: UInt64) { state = number &* 0x9E37_79B9_7F4A_7C15 &+ 0x2545_F491_4F6C_DD1D }

  private mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % max(1, bound)
  }

  /// A file of the corpus with one to four changes, most of them in its pickle and its directory.
  func file(from corpus: [[UInt8]]) -> [UInt8] {
    var other = self
    return other.damage(corpus)
  }

  private mutating func damage(_ corpus: [[UInt8]]) -> [UInt8] {
    var bytes = corpus[next(corpus.count)]
    let special: [UInt8] =
      Array("().NQRab]}tsuehjqrX0c2".utf8) + [0x80, 0x81, 0x85, 0x86, 0x87, 0x8A, 0x93, 0x94, 0xFF]
    for _ in 0...next(4) {
      let place = next(bytes.count)
      switch next(7) {
      case 0: bytes[place] = UInt8(next(256))
      case 1: bytes[place] = special[next(special.count)]
      case 2: bytes[place] ^= 1 << UInt8(next(8))
      case 3: bytes.insert(special[next(special.count)], at: place)
      case 4: bytes.remove(at: place)
      case 5:
        let end = min(bytes.count, place + 1 + next(40))
        bytes.insert(contentsOf: bytes[place..<end], at: next(bytes.count))
      default:
        // A number of 32 bits that is out of range, at the edge, or small.
        let edge: [UInt32] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, UInt32(bytes.count)]
        let value = edge[next(edge.count)]
        for index in 0..<4 where place + index < bytes.count {
          bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
        }
      }
    }
    return bytes.isEmpty ? [0] : bytes
  }
}
