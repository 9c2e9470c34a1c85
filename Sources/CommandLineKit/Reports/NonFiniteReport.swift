import DiffusionCore

/// The first NaN or infinity of a step in JSON.
public struct NonFiniteReport: Encodable, Sendable, Equatable {
  /// The layer's name, `sample` or `scheduler`.
  let name: String
  /// NaN or an infinity, as Python's `float` reads it.
  let value: String
  /// `[image, channel, row, column]`.
  let index: [Int]
  let count: Int
  /// What a table says of it.
  let text: String

  private enum CodingKeys: String, CodingKey { case name, value, index, count }

  /// Takes over what a step says.
  init(_ layer: NonFiniteLayer) {
    name = layer.name
    value = "\(layer.value)"
    index = layer.index
    count = layer.count
    text = layer.description
  }
}
