/// The type that a model's weights are rounded to before it computes, in binary32, with them: what is lost by keeping
/// them in fewer bits, and nothing else.
public enum WeightPrecision: String, Sendable, CaseIterable {
  /// As they are in the file, which may itself hold short ones.
  case float32
  /// 8 significant bits, the exponents of float32.
  case bfloat16
  /// 11 significant bits; from 65520 on a weight becomes infinity, and below 2^-14 it loses digits.
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
