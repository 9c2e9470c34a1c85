import DiffusionCore
import DiffusionTUI

/// The result of `randn`, as printed.
struct RandnReport: Sendable, Equatable {
  /// The generator, the seed and the call.
  let noise: String
  /// The first values, in row-major order.
  let firstValues: [String]
  /// The extent of each dimension.
  let shape: [Int]
  /// The statistics of its elements.
  let statistics: TensorStatistics
  /// The file it was written to, if any.
  let file: String?

  /// Creates a report on a tensor.
  init<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, request: RandnRequest) {
    let card = request.generatorDevice == .cuda ? ", \(request.card)" : ""
    let seeds = request.seeds.map(\.description).joined(separator: ",")
    noise =
      "\(request.generatorDevice.rawValue)\(card), \(request.seeds.count == 1 ? "seed" : "seeds") \(seeds), "
      + "call \(request.calls)"
    firstValues = tensor.scalars.prefix(8).map { Self.text($0) }
    shape = tensor.shape
    // As one row: a second dimension would be taken for channels, and each measured, however many there are.
    statistics = TensorStatistics(of: Tensor(unchecked: [tensor.scalars.count], tensor.scalars))
    file = request.output
  }

  /// The report as a table.
  var table: PrintedText {
    let values = firstValues.joined(separator: " ") + (statistics.shape[0] > firstValues.count ? " ..." : "")
    let facts = TextTable(facts: [
      ("noise", noise),
      ("shape", "\(shape)"),
      ("dtype", statistics.dtype.rawValue),
      ("values", values),
      ("mean", statistics.mean.wholeText),
      ("std", statistics.std.wholeText),
      ("min", statistics.min.wholeText),
      ("max", statistics.max.wholeText),
      ("abs sum", statistics.absoluteSum.wholeText),
      ("l2", statistics.l2.wholeText),
      ("sha256", statistics.sha256),
    ])
    return facts.text + (file.map { "wrote \($0)\n" } ?? "")
  }

  /// The number with the fewest digits that read back as the same number of its type; whole numbers without a point.
  private static func text<Scalar: TensorScalar>(_ scalar: Scalar) -> String {
    switch Scalar.dtype {
    case .float16: Float16(rounding: scalar.floatValue).wholeText
    case .float32, .bfloat16: scalar.floatValue.wholeText
    case .float64: scalar.doubleValue.wholeText
    }
  }
}
