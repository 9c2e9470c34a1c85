import DiffusionCore
import Testing

/// No input traps: a damaged file is read or refused with a ``DiffusionError``.
@Suite struct SafeTensorsFuzzTests {
  private static let sound = SafeTensorsBytes.file(
    header: #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"F16","shape":[3],"data_offsets":[8,14]},"#
      + #""c":{"dtype":"BF16","shape":[],"data_offsets":[14,16]}}"#,
    dataCount: 16)

  /// Opens bytes in memory and reads every tensor; true if that succeeds.
  private func reads(_ bytes: [UInt8]) throws -> Bool {
    try bytes.withUnsafeBytes { buffer in
      do {
        let file = try SafeTensorsFile(bytes: ReadOnlyBytes(constant: buffer), path: "x")
        for (name, entry) in file.tensors {
          #expect(try file.floats(name).count == entry.shape.reduce(1, *))
        }
        return true
      } catch let error as DiffusionError {
        #expect(error.kind == .badData && error.message.hasPrefix("x: ") && !error.message.contains("\n"))
        return false
      }
    }
  }

  @Test func everyTruncationIsRefused() throws {
    #expect(try reads(Self.sound))
    for count in 0..<Self.sound.count {
      #expect(try !reads(Array(Self.sound[..<count])), "cut to \(count) bytes")
    }
  }

  @Test func everyBitFlipIsReadOrRefused() throws {
    var refused = 0
    for index in 0..<(Self.sound.count - 16) {
      for bit in 0..<8 {
        var bytes = Self.sound
        bytes[index] ^= 1 << UInt8(bit)
        if try !reads(bytes) { refused += 1 }
      }
    }
    #expect(refused > 500)
  }

  @Test func randomDamageIsReadOrRefused() throws {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var refused = 0
    for _ in 0..<2000 {
      var bytes = Self.sound
      for _ in 0...next(4) { bytes[8 + next(bytes.count - 8)] = UInt8(next(256)) }
      if try !reads(bytes) { refused += 1 }
    }
    #expect(refused > 1000)
  }
}
