/// Where one tensor lies in a safetensors file.
package struct SafeTensorsEntry: Sendable, Equatable {
  /// The type of the stored elements.
  package let dtype: SafeTensorsDType
  /// The extent of each dimension, all >= 0.
  package let shape: [Int]
  /// Its bytes, counted from the end of the header.
  package let bytes: Range<Int>
}
