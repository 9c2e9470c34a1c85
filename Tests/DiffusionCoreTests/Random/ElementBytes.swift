import DiffusionCore

extension Tensor {
  /// The elements' bytes, little endian, in row-major order.
  var elementBytes: [UInt8] { scalars.withUnsafeBytes { Array($0) } }
}
