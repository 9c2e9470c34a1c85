/// Device memory for binary32 elements. Only the backend that created it knows its location; it is freed with the last
/// reference to the buffer.
package protocol DeviceBuffer: AnyObject, Sendable {
  /// The number of elements.
  var count: Int { get }
}

/// An error thrown when a device is out of memory.
package struct AllocationError: Error, Sendable, Equatable {
  /// The number of bytes requested; `Int.max` if it is larger.
  package let byteCount: Int
  /// The device that has none left, `opencl (NVIDIA H200)`; nil where it is the memory of this machine.
  package let device: String?

  /// Creates an error.
  package init(byteCount: Int, device: String? = nil) { (self.byteCount, self.device) = (byteCount, device) }
}

/// Called in the middle of an operation that takes long, by the thread that called the operation; may throw to stop it
/// there.
package typealias CancellationCheck = () throws -> Void

/// Lays out the weights of a model, while it is opened, in the memory of a device.
///
/// Every call throws ``AllocationError`` if there is no memory for it.
package protocol WeightPacker: Sendable {
  /// Whether one large linear layer takes less time than several small ones that read the same.
  var joinsProjections: Bool { get }

  /// Returns a buffer of constant elements, such as the parameters of a norm.
  func constant(_ elements: [Float]) throws -> any DeviceBuffer

  /// Packs the weights of a convolution in the layout of this device's ``Backend/convolution(_:)``.
  ///
  /// - Parameter weights: `[outputChannels][inputChannels][kernel][kernel]`.
  func packWeights(_ weights: [Float], for shape: ConvolutionShape) throws -> any DeviceBuffer
}

/// A backend performs whole operations on buffers that it owns. It is the only part of a device that layers use.
///
/// An operation computes every element as the numerics contract specifies, with the same bits on every device. The
/// division of work, the placement of weights and the workspace of an operation are internal to the backend. Operations
/// take effect in the order of their calls. They may return before they are done: ``download(_:)`` waits for all
/// earlier operations, ``finish()`` for everything. Buffers of another backend must not be passed.
///
/// Every call that needs memory throws ``AllocationError`` if there is none. Any thread may call.
package protocol Backend: WeightPacker {
  /// Announces the use of the next operations, such as the shape of a model's input. If it differs from the last one,
  /// memory kept for reuse has the wrong sizes and is released.
  func begin(use: [Int])

  /// Announces a use that is mostly made once, such as the decoding of an image: of large buffers no more are kept than
  /// its largest operation needs.
  func beginOnce(use: [Int])

  /// Returns a buffer of unspecified elements, from reused memory.
  func buffer(count: Int) throws -> any DeviceBuffer

  /// Copies elements to a buffer, as many as it holds.
  func upload(_ elements: [Float], to buffer: any DeviceBuffer) throws

  /// Copies the elements of a buffer, once all earlier operations are done.
  ///
  /// - Throws: Any error of the device since the last download or finish.
  func download(_ buffer: any DeviceBuffer) throws -> [Float]

  /// Performs a convolution, or a linear layer over the channels of each pixel.
  func convolution(_ operation: ConvolutionOperation) throws

  /// Performs group normalisation with scale and shift by the time embedding, and SiLU.
  func groupNorm(_ operation: GroupNormOperation) throws

  /// Performs layer normalisation over the channels of each pixel.
  func layerNorm(_ operation: LayerNormOperation) throws

  /// Applies an activation function to each element.
  func activation(_ operation: ActivationOperation) throws

  /// Performs a convolution, and calls `check` now and then if it takes long.
  ///
  /// - Throws: What `check` throws; the output is unspecified then.
  func convolution(_ operation: ConvolutionOperation, check: CancellationCheck?) throws

  /// Changes the size of each image to twice or half of it.
  func resample(_ operation: ResamplingOperation) throws

  /// Performs scaled dot-product attention over the pixels or tokens of each image.
  func attention(_ operation: AttentionOperation) throws

  /// Performs an attention, and calls `check` now and then if it takes long.
  ///
  /// - Throws: What `check` throws; the output is unspecified then.
  func attention(_ operation: AttentionOperation, check: CancellationCheck?) throws

  /// Scales and shifts, or gates, each element by its image and channel.
  func modulation(_ operation: ModulationOperation) throws

  /// Copies channels of maps to another map, side by side or one behind the other.
  func place(_ operation: PlacementOperation) throws

  /// Scales and shifts each element by what a smaller map has at its place.
  func spatialModulation(_ operation: SpatialModulationOperation) throws

  /// Adds two maps.
  func sum(_ operation: SumOperation) throws

  /// Finds the nearest vector of a codebook for each pixel.
  func quantize(_ operation: QuantizationOperation) throws

  /// Waits until everything is done.
  ///
  /// - Throws: Any error of the device since the last download or finish.
  func finish() throws
}

/// A device whose operations return before they are done has nothing to stop.
extension Backend {
  package func convolution(_ operation: ConvolutionOperation, check: CancellationCheck?) throws {
    try convolution(operation)
  }

  package func attention(_ operation: AttentionOperation, check: CancellationCheck?) throws { try attention(operation) }

  package func beginOnce(use: [Int]) { begin(use: use) }
}
