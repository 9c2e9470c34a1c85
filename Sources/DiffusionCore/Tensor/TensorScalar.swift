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
}

extension Float: TensorScalar {
  public static var dtype: DType { .float32 }
  public init(rounding value: Float) { self = value }
  public init(rounding value: Double) { self = Float(value) }
  public var floatValue: Float { self }
  public var doubleValue: Double { Double(self) }
}

extension Double: TensorScalar {
  public static var dtype: DType { .float64 }
  public init(rounding value: Float) { self = Double(value) }
  public init(rounding value: Double) { self = value }
  public var floatValue: Float { Float(self) }
  public var doubleValue: Double { self }
}

extension Float16: TensorScalar {
  public static var dtype: DType { .float16 }
  public init(rounding value: Float) { self = Float16(value) }
  public init(rounding value: Double) { self = Float16(value) }
  public var floatValue: Float { Float(self) }
  public var doubleValue: Double { Double(self) }
}
