/// The element types of tensors, by PyTorch's names.
public enum DType: String, Sendable, CaseIterable {
  /// IEEE 754 binary16.
  case float16
  /// The upper half of binary32: 8 bits of exponent, 7 of fraction.
  case bfloat16
  /// IEEE 754 binary32, in which the engine computes.
  case float32
  /// IEEE 754 binary64.
  case float64
}

/// An element type of a ``Tensor``, which converts from and to binary32 and binary64 with one rounding, to nearest
/// even.
public protocol TensorScalar: Sendable, Equatable {
  /// The name of the type in PyTorch.
  static var dtype: DType { get }
  /// Rounds a binary32 value to this type.
  init(rounding value: Float)
  /// Rounds a binary64 value to this type, once.
  init(rounding value: Double)
  /// The value as binary32; exact for every type but binary64.
  var floatValue: Float { get }
  /// The value as binary64, exact.
  var doubleValue: Double { get }
  /// Many values as binary64, exact, in a single call rather than one for each value.
  static func doubleValues(_ scalars: [Self]) -> [Double]
  /// Rounds many binary32 values as ``init(rounding:)-(Float)`` does, in a single call rather than one for each value.
  static func rounding(_ values: [Float]) -> [Self]
  /// Rounds many binary64 values as ``init(rounding:)-(Double)`` does, in a single call rather than one for each value.
  static func rounding(_ values: [Double]) -> [Self]
}

extension TensorScalar {
  /// Each value as binary64, exact.
  public static func doubleValues(_ scalars: [Self]) -> [Double] { scalars.map(\.doubleValue) }
  /// Each value rounded.
  public static func rounding(_ values: [Float]) -> [Self] { values.map { Self(rounding: $0) } }
  /// Each value rounded.
  public static func rounding(_ values: [Double]) -> [Self] { values.map { Self(rounding: $0) } }
}

extension Float: TensorScalar {
  /// `torch.float32`, the type that models compute in.
  public static var dtype: DType { .float32 }
  /// The value unchanged.
  public init(rounding value: Float) { self = value }
  /// Rounds 53 significant bits to 24; values out of range become infinity.
  public init(rounding value: Double) { self = Float(value) }
  /// The values unchanged.
  public static func rounding(_ values: [Float]) -> [Float] { values }
  /// The value itself.
  public var floatValue: Float { self }
  /// The value as binary64, exact.
  public var doubleValue: Double { Double(self) }
}

extension Double: TensorScalar {
  /// `torch.float64`.
  public static var dtype: DType { .float64 }
  /// The value as binary64, exact.
  public init(rounding value: Float) { self = Double(value) }
  /// The value unchanged.
  public init(rounding value: Double) { self = value }
  /// The values unchanged.
  public static func rounding(_ values: [Double]) -> [Double] { values }
  /// The value rounded to 24 significant bits: the only inexact conversion to binary32.
  public var floatValue: Float { Float(self) }
  /// The value itself.
  public var doubleValue: Double { self }
}

extension Float16: TensorScalar {
  /// `torch.float16`: 5 exponent bits, 10 fraction bits.
  public static var dtype: DType { .float16 }
  /// Rounds 24 significant bits to 11; from 65520 on the result is infinity.
  public init(rounding value: Float) { self = Float16(value) }
  /// Rounds 53 significant bits to 11, once; from 65520 on the result is infinity.
  public init(rounding value: Double) { self = Float16(value) }
  /// The value as binary32, exact.
  public var floatValue: Float { Float(self) }
  /// The value as binary64, exact.
  public var doubleValue: Double { Double(self) }
}
