import DiffusionCore

/// The first NaN or infinity of a step, in JSON.
public struct NonFiniteReport: Encodable, Sendable, Equatable {
  /// The name of the layer or the conditioning, `sample`, `guidance` or `scheduler`.
  let name: String
  /// NaN or an infinity, as Python's `float` accepts it.
  let value: String
  /// `[image, channel, row, column]`.
  let index: [Int]
  let count: Int
  /// Its text in tables.
  let text: String

  private enum CodingKeys: String, CodingKey { case name, value, index, count }

  /// Creates a report from that of a step.
  init(_ layer: NonFiniteLayer) {
    name = layer.name
    value = "\(layer.value)"
    index = layer.index
    count = layer.count
    text = layer.description
  }
}
