/// The upper half of a binary32 value: 8 exponent bits, 7 fraction bits.
public struct BFloat16: TensorScalar, Hashable {
  /// The bits as in memory and in files.
  public var bitPattern: UInt16

  /// Creates a value from its bits.
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// `torch.bfloat16`.
  public static var dtype: DType { .bfloat16 }

  /// Rounds to 8 significant bits, half to even; a NaN becomes 0x7FC0, as in PyTorch.
  public init(rounding value: Float) {
    let bits = value.bitPattern
    guard !value.isNaN else {
      bitPattern = 0x7FC0
      return
    }
    bitPattern = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
  }

  /// Rounds through binary32, with two roundings, as PyTorch does.
  public init(rounding value: Double) { self.init(rounding: Float(value)) }

  /// The value as binary32, exact: the bits followed by 16 zeros.
  public var floatValue: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
  /// The value as binary64, exact.
  public var doubleValue: Double { Double(floatValue) }

  /// NaN differs from itself and -0 equals 0, as in IEEE 754.
  public static func == (left: Self, right: Self) -> Bool { left.floatValue == right.floatValue }
}
