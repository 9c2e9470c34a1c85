import DiffusionCore
import Testing

@Suite struct WideningTests {
  @Test func everyBinary16PatternWidensAsTheStandardLibrarySays() {
    let wrong = (UInt16.min...UInt16.max).filter { bits in
      let (found, expected) = (Widening.float(half: bits), Float(Float16(bitPattern: bits)))
      return expected.isNaN ? !found.isNaN : found.bitPattern != expected.bitPattern
    }
    #expect(wrong == [])
  }

  @Test func everyBFloat16PatternIsTheUpperHalfOfABinary32() {
    let wrong = (UInt16.min...UInt16.max).filter { bits in
      Widening.float(brain: bits).bitPattern != UInt32(bits) << 16
    }
    #expect(wrong == [])
  }
}
