/// The element types a tensor can have, in PyTorch's names.
public enum DType: String, Sendable, CaseIterable {
  case float16, bfloat16, float32, float64
}

/// An element type of a ``Tensor``: converts from and to binary32 and binary64 with one rounding, to nearest even.
public protocol TensorScalar: Sendable, Equatable {
  /// PyTorch's name of the type.
  static var dtype: DType { get }
  /// Rounds a binary32 value to this type.
  init(rounding value: Float)
  /// Rounds a binary64 value to this type, once.
  init(rounding value: Double)
  /// The value as binary32; exact for every type but binary64.
  var floatValue: Float { get }
  /// The value as binary64, exact.
  var doubleValue: Double { get }
  /// Many values as binary64, exact: asked of the type once, not of each of its values.
  static func doubleValues(_ scalars: [Self]) -> [Double]
  /// Rounds many binary32 values, each as ``init(rounding:)-(Float)`` does: asked of the type once, not for each of
  /// them.
  static func rounding(_ values: [Float]) -> [Self]
  /// Rounds many binary64 values, each as ``init(rounding:)-(Double)`` does: asked of the type once, not for each of
  /// them.
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
  /// Takes the value as it is.
  public init(rounding value: Float) { self = value }
  /// Rounds 53 significant bits to 24; what is too large becomes infinity.
  public init(rounding value: Double) { self = Float(value) }
  /// Takes the values as they are.
  public static func rounding(_ values: [Float]) -> [Float] { values }
  /// The value itself.
  public var floatValue: Float { self }
  /// The value, exact.
  public var doubleValue: Double { Double(self) }
}

extension Double: TensorScalar {
  /// `torch.float64`.
  public static var dtype: DType { .float64 }
  /// Takes the value, exact.
  public init(rounding value: Float) { self = Double(value) }
  /// Takes the value as it is.
  public init(rounding value: Double) { self = value }
  /// Takes the values as they are.
  public static func rounding(_ values: [Double]) -> [Double] { values }
  /// The value rounded to 24 significant bits: the one conversion to binary32 that is not exact.
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
  /// The value, exact.
  public var floatValue: Float { Float(self) }
  /// The value, exact.
  public var doubleValue: Double { Double(self) }
}
