/// The order of a tensor's elements in memory, and so the order in which random numbers are assigned to them
/// (`torch.memory_format`).
public enum MemoryFormat: Sendable, Hashable, CaseIterable {
  /// Row-major: the last dimension varies fastest.
  case contiguous
  /// `[batch, channels, height, width]` with the channels varying fastest.
  case channelsLast
}

/// A valid shape of noise.
struct NoiseShape {
  /// The most bytes drawn at once. PyTorch splits larger CUDA draws into pieces with counters of their own, and no
  /// image needs that much noise.
  static let byteLimit = Int(Int32.max)

  let extents: [Int]
  let count: Int
  let format: MemoryFormat

  /// Checks a shape.
  ///
  /// - Parameter size: The size of an element in bytes.
  /// - Throws: ``DiffusionError`` (`usage`).
  init(_ extents: [Int], format: MemoryFormat, size: Int) throws {
    guard extents.allSatisfy({ $0 >= 0 }) else {
      throw DiffusionError(.usage, "noise shape \(extents) has a negative extent; every extent must be 0 or more")
    }
    guard format == .contiguous || extents.count == 4 else {
      throw DiffusionError(
        .usage, "noise shape \(extents) has \(extents.count) dimensions, expected 4 for channels-last noise")
    }
    var (count, overflow) = (1, false)
    for extent in extents where !overflow { (count, overflow) = count.multipliedReportingOverflow(by: extent) }
    guard !overflow, count <= Self.byteLimit / size else {
      throw DiffusionError(
        .usage,
        "noise shape \(extents) is too large: expected at most \(Self.byteLimit / size) elements of \(size) "
          + "bytes at once; "
          + "draw it in smaller tensors")
    }
    self.extents = extents
    self.count = count
    self.format = format
  }

  /// Whether memory order is row-major; dimensions of extent 1 do not matter (`Tensor.is_contiguous`).
  var isContiguous: Bool { format == .contiguous || extents[1] == 1 || extents[2] * extents[3] == 1 }

  /// Reorders elements from memory order to row-major order.
  func rowMajor<Scalar>(_ scalars: [Scalar]) -> [Scalar] {
    guard !isContiguous else { return scalars }
    let (channels, pixels) = (extents[1], extents[2] * extents[3])
    return scalars.indices.map { index in
      let (image, channel, pixel) = (index / (channels * pixels), index / pixels % channels, index % pixels)
      return scalars[(image * pixels + pixel) * channels + channel]
    }
  }
}
