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
    let part = PlacementOperation.Part(ChannelRange(self), height: height, width: width)
    try context.naming(layer) { try context.backend.place(PlacementOperation([part], output: resized)) }
    return resized
  }

  /// The map with the channels of another behind its own.
  ///
  /// - Parameter layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func joined(_ second: FeatureMap, of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let joined = try context.output(
      of: layer, batch: batch, height: height, width: width, channels: channels + second.channels)
    let parts: [PlacementOperation.Part] = [
      .init(ChannelRange(self)), .init(ChannelRange(second), firstChannel: channels),
    ]
    try context.naming(layer) { try context.backend.place(PlacementOperation(parts, output: joined)) }
    return joined
  }

  /// The pixels of maps one behind another, as the tokens of a sequence, and what is added to each.
  ///
  /// - Parameters:
  ///   - maps: Maps of as many images and channels, at least one.
  ///   - positions: What is added, as large as the sequence.
  ///   - layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package static func sequence(
    _ maps: [FeatureMap], adding positions: FeatureMap, of layer: String, in context: ComputeContext
  ) throws -> FeatureMap {
    var length = 0
    let parts = maps.map { map in
      defer { length += map.pixels }
      return PlacementOperation.Part(ChannelRange(map), firstPixel: length)
    }
    let joined = try context.output(
      of: layer, batch: maps[0].batch, height: 1, width: length, channels: maps[0].channels)
    try context.naming(layer) { try context.backend.place(PlacementOperation(parts, output: joined)) }
    let sum = try joined.sum(with: positions, of: layer, in: context)
    try context.observer?(layer, sum.tensor(on: context.backend))
    return sum
  }

  /// One pixel of each image, `[batch][channels]`.
  ///
  /// - Parameters:
  ///   - place: Its place among the image's pixels, row by row.
  ///   - layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func pixel(_ place: Int, of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let output = try context.output(of: layer, batch: batch, height: 1, width: 1, channels: channels)
    let part = PlacementOperation.Part(ChannelRange(self), height: 1, width: 1, pixel: place)
    try context.naming(layer) { try context.backend.place(PlacementOperation([part], output: output)) }
    return output
  }

  /// The sums of its elements and those of another.
  ///
  /// - Parameter layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func sum(with other: FeatureMap, of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let sum = try context.output(of: layer, batch: batch, height: height, width: width, channels: channels)
    try context.naming(layer) { try context.backend.sum(SumOperation(self, other, output: sum)) }
    return sum
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
