import TensorKernels
import Testing

@Suite struct StoredFloatTests {
  private func allFinite<Bits: FixedWidthInteger>(_ type: StoredFloat, _ elements: [Bits]) -> Bool {
    elements.map(\.littleEndian).withUnsafeBytes { type.allFinite($0) }
  }

  @Test func everyShortPatternIsFiniteWhereItsValueIs() {
    let wrong = (UInt16.min...UInt16.max).filter { bits in
      allFinite(.binary16, [bits]) != Float16(bitPattern: bits).isFinite
        || allFinite(.bfloat16, [bits]) != Float(bitPattern: UInt32(bits) << 16).isFinite
    }
    #expect(wrong == [])
  }

  @Test(arguments: [
    0, 1, Float.leastNonzeroMagnitude, Float.greatestFiniteMagnitude, Float.infinity, Float.nan, Float.signalingNaN,
  ])
  func singles(_ value: Float) {
    for value in [value, -value] {
      #expect(allFinite(.binary32, [value.bitPattern]) == value.isFinite)
      #expect(allFinite(.binary64, [Double(value).bitPattern]) == value.isFinite)
    }
  }

  /// Half a last place above the largest binary32, a double rounds to infinity.
  @Test(arguments: [
    0x1.fffffep127, 0x1.fffffefffffffp127, 0x1.ffffffp127, 0x1p128, Double.greatestFiniteMagnitude,
    Double.leastNonzeroMagnitude,
  ])
  func doublesAreFiniteWhereTheirFloatsAre(_ value: Double) {
    for value in [value, -value] {
      #expect(allFinite(.binary64, [value.bitPattern]) == Float(value).isFinite, "\(value)")
    }
  }

  @Test(arguments: [StoredFloat.binary16, .bfloat16, .binary32, .binary64])
  func oneOfManyIsFoundAtEveryPlaceAndAlignment(_ type: StoredFloat) {
    for (count, shift) in [(1, 0), (7, 1), (64, 3), (101, 5)] {
      var bytes = [UInt8](repeating: 0x3F, count: shift + count * type.byteCount)
      func allFinite() -> Bool {
        bytes.withUnsafeBytes { type.allFinite(UnsafeRawBufferPointer(rebasing: $0[shift...])) }
      }
      #expect(allFinite())
      for place in 0..<count {
        let range = shift + place * type.byteCount..<shift + (place + 1) * type.byteCount
        bytes.replaceSubrange(range, with: repeatElement(0xFF, count: type.byteCount))
        #expect(!allFinite(), "\(place) of \(count)")
        bytes.replaceSubrange(range, with: repeatElement(0x3F, count: type.byteCount))
      }
      #expect(allFinite())
    }
    #expect(type.allFinite(UnsafeRawBufferPointer(start: nil, count: 0)))
  }
}
