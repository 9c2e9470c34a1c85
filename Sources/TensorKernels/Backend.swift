/// Memory of a device for binary32 elements. Only the backend that made it knows where it lies; it goes back with the
/// last reference to the buffer.
package protocol DeviceBuffer: AnyObject, Sendable {
  /// How many elements it holds.
  var count: Int { get }
}

/// A device has no memory for what it was asked to keep.
package struct AllocationError: Error, Sendable, Equatable {
  /// How many bytes were wanted; `Int.max` for more than that.
  package let byteCount: Int

  /// Describes memory that was not to be had.
  package init(byteCount: Int) { self.byteCount = byteCount }
}

/// What a device does: whole operations on buffers that it owns. Layers call this and nothing else of a device.
///
/// An operation computes every element as the numerics contract says, with the same bits on every device. How the work
/// is shared, which weights lie where, and what an operation needs beside its operands are the backend's own business.
/// Operations take effect in the order of their calls. They may return before they are done: ``download(_:)`` waits for
/// what was called before, ``finish()`` for everything. Buffers of another backend must not be passed.
///
/// Whatever needs memory throws ``AllocationError`` where there is none. Any thread may call.
package protocol Backend: Sendable {
  /// Says what the next operations are for, such as the shape of what goes into a model: for another use than the last
  /// one, memory kept for reuse has the wrong sizes and is let go.
  func begin(use: [Int])

  /// A buffer of unspecified elements, from memory that is used again and again.
  func buffer(count: Int) throws -> any DeviceBuffer

  /// A buffer of elements that stay, such as the parameters of a norm.
  func constant(_ elements: [Float]) throws -> any DeviceBuffer

  /// The weights of a convolution, laid out as this backend's ``convolution(_:)`` reads them.
  ///
  /// - Parameter weights: `[outputChannels][inputChannels][kernel][kernel]`.
  func packWeights(_ weights: [Float], for shape: ConvolutionShape) throws -> any DeviceBuffer

  /// Fills a buffer with as many elements as it holds.
  func upload(_ elements: [Float], to buffer: any DeviceBuffer) throws

  /// The elements of a buffer, once everything called before is done.
  ///
  /// - Throws: What the device threw since the last time it was asked.
  func download(_ buffer: any DeviceBuffer) throws -> [Float]

  /// A convolution, or a linear layer over the channels of each pixel.
  func convolution(_ operation: ConvolutionOperation) throws

  /// Group normalisation with scale and shift by the time embedding, and SiLU.
  func groupNorm(_ operation: GroupNormOperation) throws

  /// Scaled dot-product attention over the pixels of each image.
  func attention(_ operation: AttentionOperation) throws

  /// Waits until everything is done.
  ///
  /// - Throws: What the device threw since the last time it was asked.
  func finish() throws
}
