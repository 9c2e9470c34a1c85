import DiffusionCore

/// A layer of a forward pass and its time, in JSON.
struct TimedLayerReport: Encodable, Sendable, Equatable {
  /// Its name in the weights.
  let name: String
  /// Its kind, as in `kinds`.
  let kind: String
  /// The algorithm of a convolution; null for everything else.
  let algorithm: String?
  /// `[batch, channels, height, width]`.
  let outputShape: [Int]
  let flops: Int
  let bytes: Int
  private let rates: LayerRates

  private enum CodingKeys: String, CodingKey {
    case name, kind, algorithm, flops, bytes
    case outputShape = "output_shape"
  }

  init(_ layer: LayerTiming, peak: MachinePeak?) {
    (name, kind, algorithm) = (layer.work.name, layer.work.kind.rawValue, layer.work.algorithm)
    (outputShape, flops, bytes) = (layer.work.outputShape, layer.work.flops, layer.work.bytes)
    rates = LayerRates([layer], peak: peak)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(kind, forKey: .kind)
    try container.encode(algorithm, forKey: .algorithm)
    try container.encode(outputShape, forKey: .outputShape)
    try container.encode(flops, forKey: .flops)
    try container.encode(bytes, forKey: .bytes)
    try rates.encode(to: encoder)
  }
}
