import TensorKernels

/// Exact conversion of stored elements to binary32.
///
/// The x86-64 baseline has no instruction for binary16, so `Float(Float16)` is a function call for each element; these
/// are integer operations that vectorise.
package enum Widening {
  /// The value of a binary16 bit pattern. A NaN keeps its payload and is not made quiet.
  @inline(__always)
  package static func float(half bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF) &<< 13
    let sign = UInt32(bits & 0x8000) &<< 16
    // Exponents are biased by 15 and 127; those of infinities and NaNs rise by twice the difference, from 31 to 255.
    let isSpecial = magnitude >= 31 &<< 23
    let rebiased = magnitude &+ (112 &<< 23) &+ (isSpecial ? 112 &<< 23 : 0)
    // A subnormal of value m * 2^-24 gets 2^-14 as its leading bit, which is then subtracted exactly.
    let subnormal = Float(bitPattern: magnitude &+ (113 &<< 23)) - Float(bitPattern: 113 &<< 23)
    return Float(bitPattern: (magnitude < 1 &<< 23 ? subnormal.bitPattern : rebiased) | sign)
  }

  /// The value of a bfloat16 bit pattern.
  @inline(__always)
  package static func float(brain bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) &<< 16) }

  /// The values of elements stored in little endian, at any alignment, and whether all are finite.
  ///
  /// - Parameter count: The number of elements that `source` holds.
  static func floats(
    _ source: UnsafeRawBufferPointer, _ type: StoredFloat, count: Int
  ) -> (values: [Float], allFinite: Bool) {
    var allFinite = true
    let values = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      allFinite = widen(source, type, into: target)
      initialized = count
    }
    return (values, allFinite)
  }

  /// Fills `target` from elements stored in little endian, at any alignment, and returns whether all are finite.
  /// `target` has room for all of them.
  private static func widen(
    _ source: UnsafeRawBufferPointer, _ type: StoredFloat, into target: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    let count = source.count / type.byteCount
    guard count > 0, let input = source.baseAddress, let output = target.baseAddress else { return true }
    // With an exponent of all ones the sum carries into the sign bit, so one OR over all values finds a NaN or an
    // infinity.
    var seen: UInt32 = 0
    switch type {
    case .binary64:
      for index in 0..<count {
        let bits = UInt64(littleEndian: input.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self))
        let value = Float(Double(bitPattern: bits))
        seen |= (value.bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000
        (output + index).initialize(to: value)
      }
    case .binary32:
      for index in 0..<count {
        let bits = input.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self)
        seen |= (bits & 0x7FFF_FFFF) &+ 0x0080_0000
        (output + index).initialize(to: Float(bitPattern: bits))
      }
    case .binary16:
      for index in 0..<count {
        let value = float(half: input.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
        seen |= (value.bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000
        (output + index).initialize(to: value)
      }
    case .bfloat16:
      for index in 0..<count {
        let value = float(brain: input.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
        seen |= (value.bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000
        (output + index).initialize(to: value)
      }
    }
    return seen >> 31 == 0
  }
}
