/// The type that a model's weights are rounded to before it computes with them in binary32. It shows what is lost by
/// storing weights in fewer bits, and nothing else.
public enum WeightPrecision: String, Sendable, CaseIterable {
  /// As in the file, which may itself hold 16-bit weights.
  case float32
  /// 8 significant bits, the exponents of float32.
  case bfloat16
  /// 11 significant bits; weights of 65520 and above become infinity, and those below 2^-14 lose digits.
  case float16

  /// Rounds to nearest, ties to even, as `tensor.to(dtype).to(torch.float32)`; the result is exact in binary32.
  package func rounded(_ values: [Float]) -> [Float] {
    switch self {
    case .float32: values
    case .bfloat16: values.map { BFloat16(rounding: $0).floatValue }
    case .float16: values.map { Widening.float(half: Float16($0).bitPattern) }
    }
  }
}
