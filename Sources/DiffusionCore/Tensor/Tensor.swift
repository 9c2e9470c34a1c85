import TensorKernels

/// A dense array in row-major order: the last dimension varies fastest. It is a value type; copies share storage until
/// they are written.
public struct Tensor<Scalar: TensorScalar>: Sendable, Equatable {
  /// The extent of each dimension, all >= 0. Images are `[batch, channels, height, width]` unless said otherwise.
  public let shape: [Int]
  /// The elements, as many as the product of `shape`.
  public private(set) var scalars: [Scalar]

  /// Creates a tensor from a shape and its elements.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if an extent is negative or the number of elements is not their product.
  public init(shape: [Int], scalars: [Scalar]) throws {
    guard shape.allSatisfy({ $0 >= 0 }), Int.product(of: shape) == scalars.count else {
      throw DiffusionError(.badData, "a tensor of shape \(shape) cannot hold \(scalars.count) elements")
    }
    self.init(unchecked: shape, scalars)
  }

  /// Creates a tensor without checking that the number of elements matches the shape.
  package init(unchecked shape: [Int], _ scalars: [Scalar]) {
    self.shape = shape
    self.scalars = scalars
  }

  /// The number of elements.
  public var count: Int { scalars.count }

  /// Applies a function to each element.
  public func map(_ transform: (Scalar) throws -> Scalar) rethrows -> Tensor {
    Tensor(unchecked: shape, try scalars.map(transform))
  }
}
