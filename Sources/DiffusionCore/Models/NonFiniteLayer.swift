/// The first NaN or infinity of a step: what made it, and where it lies.
public struct NonFiniteLayer: Sendable, Equatable, CustomStringConvertible {
  /// What made it.
  public enum Origin: Sendable, Equatable {
    /// Nothing in this step: x_t held it already.
    case sample
    /// A layer of the model, by its name in the weights, and `.attention` for the part of an attention between its projections.
    case layer(String)
    /// The scheduler's update, from a finite prediction.
    case scheduler
  }

  /// What made it.
  public let origin: Origin
  /// The first value, in row-major order, that is not finite: NaN, infinity or minus infinity.
  public let value: Float
  /// Where that value lies in what `origin` made: `[image, channel, row, column]`.
  public let index: [Int]
  /// How many values there are not finite.
  public let count: Int
  /// The shape of what `origin` made, `[batch, channels, height, width]`; `[batch, channels, 1, 1]` for the time embedding.
  public let shape: [Int]

  /// The layer's name, `sample` or `scheduler`.
  public var name: String {
    switch origin {
    case .sample: "sample"
    case .layer(let name): name
    case .scheduler: "scheduler"
    }
  }

  /// One line: `mid_block.resnets.0.conv1: inf at [0, 3, 1, 2]; 12 of 2048 values are not finite`.
  public var description: String {
    "\(name): \(value) at \(index); \(count) of \(shape.reduce(1, *)) values are not finite"
  }

  /// Whether two are the same, a NaN being itself.
  public static func == (left: Self, right: Self) -> Bool {
    left.origin == right.origin && left.value.bitPattern == right.value.bitPattern && left.index == right.index
      && left.count == right.count && left.shape == right.shape
  }

  /// Looks a tensor through; nil if all of it is finite.
  package init?(_ origin: Origin, in tensor: Tensor<Float>) {
    guard let first = tensor.scalars.firstIndex(where: { !$0.isFinite }) else { return nil }
    var rest = first
    var index: [Int] = []
    for extent in tensor.shape.reversed() {
      index.append(rest % extent)
      rest /= extent
    }
    self.origin = origin
    self.index = index.reversed()
    value = tensor.scalars[first]
    count = tensor.scalars.count { !$0.isFinite }
    shape = tensor.shape
  }
}
