/// A layer of a model, in JSON and as a row of a table.
public struct LayerReport: Encodable, Sendable, Equatable {
  /// Its name in the weights: `down_blocks.0.resnets.1`.
  let name: String
  /// Its kind: `ResnetBlock2D`.
  let kind: String
  /// The shape of its output for one image, `[channels, height, width]` or `[features]`.
  let outputShape: [Int]
  /// The number of its parameters.
  let parameters: Int
  /// Floating-point operations for one image; a multiplication and an addition count as two.
  let flops: Int

  private enum CodingKeys: String, CodingKey {
    case name, kind, parameters, flops
    case outputShape = "output_shape"
  }

  /// Creates a report.
  public init(name: String, kind: String, outputShape: [Int], parameters: Int, flops: Int) {
    self.name = name
    self.kind = kind
    self.outputShape = outputShape
    self.parameters = parameters
    self.flops = flops
  }
}
