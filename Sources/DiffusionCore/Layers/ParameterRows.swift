import TensorKernels

/// Rows of one length that are in a device's memory from the opening of a model on, such as the embeddings of places. A
/// forward pass copies there what it reads of them, and waits for nothing from the host.
package struct ParameterRows: Sendable {
  private let buffer: any DeviceBuffer
  private let channels: Int

  /// Takes rows that are in a device's memory, `[rows][channels]`.
  package init(_ buffer: any DeviceBuffer, channels: Int) { (self.buffer, self.channels) = (buffer, channels) }

  /// Reads a parameter whose last extent is that of a row.
  init(_ name: String, _ shape: [Int], from reader: ParameterReader) throws {
    self.init(try reader.constant(name, shape), channels: shape.last ?? 0)
  }

  /// The number of elements.
  var count: Int { buffer.count }

  /// The rows of each image, as its pixels: `[images][rows][channels]`.
  ///
  /// - Parameters:
  ///   - rows: The places of the rows, as many for each image.
  ///   - layer: The layer that it is for, as an error names it.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(_ rows: [[Int]], of layer: String, in context: ComputeContext) throws -> FeatureMap {
    let output = try context.output(
      of: layer, batch: rows.count, height: 1, width: rows.first?.count ?? 0, channels: channels)
    // As one pixel, of which rows that follow each other are one part.
    let source = FeatureMap(channels: count, sharing: buffer)
    var copied = 0
    let parts = Self.runs(rows.joined()).map { run in
      defer { copied += run.count * channels }
      return PlacementOperation.Part(
        ChannelRange(source, from: run.lowerBound * channels), channels: run.count * channels, firstChannel: copied)
    }
    let target = FeatureMap(channels: output.buffer.count, sharing: output.buffer)
    try context.naming(layer) { try context.backend.place(PlacementOperation(parts, output: target)) }
    return output
  }

  /// Places as runs of those that follow each other.
  private static func runs(_ places: some Sequence<Int>) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for place in places {
      if let last = runs.last, last.upperBound == place {
        runs[runs.count - 1] = last.lowerBound..<place + 1
      } else {
        runs.append(place..<place + 1)
      }
    }
    return runs
  }
}
