import DiffusionCore
import DiffusionTUI

/// The layers of one kind in a forward pass, in JSON and as a row of a table.
struct LayerKindReport: Encodable, Sendable, Equatable {
  /// The kind: `conv 3x3`.
  let kind: String
  /// The size of the images of 3x3 convolutions; null for everything else.
  let size: String?
  /// The algorithm of convolutions; null for everything else.
  let algorithm: String?
  /// The number of layers.
  let count: Int
  let flops: Int
  let bytes: Int
  private let rates: LayerRates

  private enum CodingKeys: String, CodingKey {
    case kind, size, algorithm, count, flops, bytes
  }

  private init(_ layers: [LayerTiming], like first: LayerWork, peak: MachinePeak?) {
    (kind, size, algorithm) = (first.kind.rawValue, Self.size(first), first.algorithm)
    count = layers.count
    flops = layers.reduce(0) { $0 + $1.work.flops }
    bytes = layers.reduce(0) { $0 + $1.work.bytes }
    rates = LayerRates(layers, peak: peak)
  }

  /// Groups layers by kind, longest first.
  static func grouping(_ layers: [LayerTiming], peak: MachinePeak?) -> [LayerKindReport] {
    let groups = Dictionary(grouping: layers) { layer in
      [layer.work.kind.rawValue, size(layer.work) ?? "", layer.work.algorithm ?? ""]
    }
    return groups.values.compactMap { group in
      group.first.map { LayerKindReport(group, like: $0.work, peak: peak) }
    }.sorted { ($0.rates.milliseconds, $1.label) > ($1.rates.milliseconds, $0.label) }
  }

  private static func size(_ work: LayerWork) -> String? {
    work.kind == .convolution ? "\(work.outputShape[2])x\(work.outputShape[3])" : nil
  }

  private var label: String { [kind, size, algorithm].compactMap { $0 }.joined(separator: ", ") }

  /// One row for each kind, and one for the time between layers; shares of time are of the pass whose layers were
  /// timed.
  static func table(of kinds: [LayerKindReport], profileMs: Double) -> PrintedText {
    var table = TextTable([
      ("layers", .left), ("count", .right), ("ms", .right), ("of pass", .right), ("GFLOP/s", .right),
      ("of peak", .right), ("GB/s", .right), ("of memory", .right),
    ])
    for kind in kinds {
      let rates = kind.rates
      table.append([
        kind.label, "\(kind.count)", FixedDecimal.text(rates.milliseconds, digits: 3),
        percent(rates.milliseconds / profileMs), FixedDecimal.text(rates.gflops, digits: 1),
        rates.shareOfPeak.map(percent) ?? "", FixedDecimal.text(rates.gbPerSecond, digits: 1),
        rates.shareOfBandwidth.map(percent) ?? "",
      ])
    }
    let rest = profileMs - kinds.reduce(0) { $0 + $1.rates.milliseconds }
    table.append(["between layers", "", FixedDecimal.text(rest, digits: 3), percent(rest / profileMs), "", "", "", ""])
    return table.text
  }

  private static func percent(_ share: Double) -> String { FixedDecimal.text(share * 100, digits: 1) + " %" }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(size, forKey: .size)
    try container.encode(algorithm, forKey: .algorithm)
    try container.encode(count, forKey: .count)
    try container.encode(flops, forKey: .flops)
    try container.encode(bytes, forKey: .bytes)
    try rates.encode(to: encoder)
  }
}
