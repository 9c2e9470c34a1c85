import TensorKernels

extension FeatureMap {
  /// Converts `[batch, channels, height, width]` to channels-last, applying `transform` to every element.
  ///
  /// - Throws: `AllocationError` if the device has no memory for it.
  package init(_ tensor: Tensor<Float>, on backend: any Backend, transform: (Float) -> Float = { $0 }) throws {
    try self.init(
      batch: tensor.shape[0], height: tensor.shape[2], width: tensor.shape[3], channels: tensor.shape[1], on: backend)
    let input = tensor.scalars
    var elements = [Float](repeating: 0, count: input.count)
    forEachElement { tensorIndex, mapIndex in elements[mapIndex] = transform(input[tensorIndex]) }
    try backend.upload(elements, to: buffer)
  }

  /// The elements as `[batch, channels, height, width]`.
  ///
  /// - Throws: What the device threw.
  package func tensor(on backend: any Backend) throws -> Tensor<Float> {
    let elements = try backend.download(buffer)
    var scalars = [Float](repeating: 0, count: elements.count)
    forEachElement { tensorIndex, mapIndex in scalars[tensorIndex] = elements[mapIndex] }
    return Tensor(unchecked: [batch, channels, height, width], scalars)
  }

  /// The map at another size: each pixel is the nearest one (`torch.nn.functional.interpolate`, mode `nearest`).
  ///
  /// - Parameter layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func resized(height: Int, width: Int, of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let resized = try context.output(of: layer, batch: batch, height: height, width: width, channels: channels)
    let elements = try context.backend.download(buffer)
    let rows = Self.nearest(from: self.height, to: height), columns = Self.nearest(from: self.width, to: width)
    var result: [Float] = []
    result.reserveCapacity(resized.buffer.count)
    for image in 0..<batch {
      for row in rows {
        for column in columns {
          let first = ((image * self.height + row) * self.width + column) * channels
          result += elements[first..<first + channels]
        }
      }
    }
    try context.backend.upload(result, to: resized.buffer)
    return resized
  }

  /// The map with the channels of another behind its own.
  ///
  /// - Parameter layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func joined(_ second: FeatureMap, of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let joined = try context.output(
      of: layer, batch: batch, height: height, width: width, channels: channels + second.channels)
    let (first, last) = (try context.backend.download(buffer), try context.backend.download(second.buffer))
    var result: [Float] = []
    result.reserveCapacity(joined.buffer.count)
    for pixel in 0..<batch * pixels {
      result += first[pixel * channels..<(pixel + 1) * channels]
      result += last[pixel * second.channels..<(pixel + 1) * second.channels]
    }
    try context.backend.upload(result, to: joined.buffer)
    return joined
  }

  /// The place that each of `count` places reads of `size`, with the rounding of PyTorch.
  private static func nearest(from size: Int, to count: Int) -> [Int] {
    let scale = Float(size) / Float(count)
    return (0..<count).map { place in
      count == 2 * size ? place / 2 : min(Int(Float(place) * scale), size - 1)
    }
  }

  /// Calls a closure with the index of each element in a tensor and in a map.
  private func forEachElement(_ body: (_ tensorIndex: Int, _ mapIndex: Int) -> Void) {
    for image in 0..<batch {
      for channel in 0..<channels {
        let plane = (image * channels + channel) * pixels, first = image * pixels * channels + channel
        for pixel in 0..<pixels { body(plane + pixel, first + pixel * channels) }
      }
    }
  }
}
