import CTensorKernels

/// A type of elements as files store them: weights of it become binary32 when they are read.
package enum StoredFloat: Sendable {
  case binary16, bfloat16, binary32, binary64

  /// The size of an element in bytes.
  package var byteCount: Int {
    switch self {
    case .binary16, .bfloat16: 2
    case .binary32: 4
    case .binary64: 8
    }
  }

  /// Whether all elements are finite once they are rounded to binary32, which takes no copy of them.
  ///
  /// - Parameter elements: The bytes of whole elements, little endian, at any alignment.
  package func allFinite(_ elements: UnsafeRawBufferPointer) -> Bool {
    guard let first = elements.baseAddress else { return true }
    let type =
      switch self {
      case .binary16: ctk_binary16
      case .bfloat16: ctk_bfloat16
      case .binary32: ctk_binary32
      case .binary64: ctk_binary64
      }
    return ctk_finite(type, first, elements.count / byteCount)
  }
}
