/// The element types a tensor can have, in PyTorch's names.
public enum DType: String, Sendable, CaseIterable {
  case float16, bfloat16, float32, float64
}
