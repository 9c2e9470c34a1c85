import DiffusionCore
import Testing

/// The two engines compared with the known answers of their authors.
@Suite("Engines")
struct EngineTests {
  /// The C++ standard, [rand.predef]: the 10,000th word of a default-seeded `mt19937`.
  @Test func mersenneTwisterGivesTheStandardsTenThousandthWord() {
    var twister = MersenneTwister(seed: 5489)
    for _ in 1..<10_000 { _ = twister.next() }
    #expect(twister.next() == 4_123_659_995)
  }

  /// Random123, `kat_vectors`, philox4x32 10.
  @Test(arguments: [
    (
      SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
      SIMD4<UInt32>(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
      SIMD4<UInt32>(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
    ),
    (
      SIMD4<UInt32>(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), SIMD2<UInt32>(0xA409_3822, 0x299F_31D0),
      SIMD4<UInt32>(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
    ),
  ])
  func philoxGivesRandom123sKnownAnswers(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, words: SIMD4<UInt32>) {
    #expect(Philox4x32(key: key).words(counter: counter) == words)
  }

  @Test func philoxPutsTheBlockBeforeTheThread() {
    let philox = Philox4x32(seed: 0x1234_5678_9ABC_DEF0)
    #expect(philox.key == SIMD2(0x9ABC_DEF0, 0x1234_5678))
    #expect(philox.words(block: 3 << 32 | 2, thread: 5 << 32 | 4) == philox.words(counter: SIMD4(2, 3, 4, 5)))
  }
}
