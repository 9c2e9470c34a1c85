/// The element types that are read from safetensors files, in the format's names.
package enum SafeTensorsDType: String, Sendable, CaseIterable {
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"

  /// Bytes an element takes.
  package var byteCount: Int { self == .float32 ? 4 : 2 }
}
