import TensorKernels

/// A network whose weights are on a device, and can be read again for another one.
///
/// The same input and weights give the same bits on every device, with any number of threads, alone or in a batch.
public protocol Network: AnyObject, Sendable {
  /// The device, the number of threads and the weights that it was opened with.
  var opening: NetworkOpening { get }

  /// The same network, from the weights as they are in the file.
  ///
  /// - Parameters:
  ///   - device: The device to compute on.
  ///   - threads: The number of threads.
  ///   - weights: The precision that the weights are rounded to.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: As the initialiser.
  func opened(
    on device: Device, threads: Int, weights: WeightPrecision, progress: OpeningProgressHandler?
  ) throws -> Self
}

extension Network {
  /// The device that it computes on.
  public var device: Device { opening.device }

  /// The number of threads that it computes with.
  public var threads: Int { opening.threads }

  /// The precision that its weights were rounded to.
  public var weights: WeightPrecision { opening.weights }

  /// The device, opened.
  package var context: ComputeContext { opening.context }

  /// The same network on another device or number of threads, or with its weights, as they are in the file, rounded to
  /// another precision (nil keeps the precision); the network itself if nothing changes.
  ///
  /// - Parameters:
  ///   - device: The device to compute on.
  ///   - threads: The number of threads.
  ///   - weights: The precision that the weights are rounded to.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: As the initialiser.
  public func on(
    _ device: Device, threads: Int, weights: WeightPrecision? = nil, progress: OpeningProgressHandler? = nil
  ) throws -> Self {
    let weights = weights ?? self.weights
    guard device != self.device || threads != self.threads || weights != self.weights else { return self }
    return try opened(on: device, threads: threads, weights: weights, progress: progress)
  }
}
