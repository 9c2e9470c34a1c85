import DiffusionCore
import DiffusionTUI

/// The structure of a model, as `inspect` prints it.
public struct InspectReport: Encodable, Sendable, Equatable {
  let model: String
  let unet: [String: SettingValue]
  let scheduler: [String: SettingValue]
  private let schedulerClass: String
  let layers: [LayerReport]
  let parameters: Int
  /// The size of the weights in memory, in bytes: float32, whatever the type in the file.
  let memoryBytes: Int
  /// Floating-point operations of one step for one image; a multiplication and an addition count as two.
  let flopsPerStep: Int

  private enum CodingKeys: String, CodingKey {
    case model, unet, scheduler, layers, parameters
    case memoryBytes = "memory_bytes"
    case flopsPerStep = "flops_per_step"
  }

  /// Creates a report from a model's configurations and its layers, which together hold every weight.
  public init(
    model: String, unet: [String: SettingValue], scheduler: some Scheduler, layers: [LayerReport]
  ) {
    self.model = model
    self.unet = unet
    self.scheduler = scheduler.config.values
    schedulerClass = type(of: scheduler).className
    self.layers = layers
    parameters = Self.sum(layers.map(\.parameters))
    memoryBytes = Self.sum(Array(repeating: parameters, count: 4))
    flopsPerStep = Self.sum(layers.map(\.flops))
  }

  /// The sum; `Int.max` for more.
  private static func sum(_ counts: [Int]) -> Int {
    counts.reduce(0) { sum, count in
      let (next, overflow) = sum.addingReportingOverflow(count)
      return overflow ? .max : next
    }
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// The report as tables.
  public var table: PrintedText {
    let totals = TextTable(facts: [
      ("model", model),
      ("parameters", "\(parameters)"),
      ("memory", FixedDecimal.text(Double(memoryBytes) / 1_000_000, digits: 1) + " MB (float32)"),
      ("a step", FixedDecimal.text(Double(flopsPerStep) / 1_000_000_000, digits: 3) + " GFLOP for one image"),
    ])
    return [
      totals.text, Self.facts("UNet2DModel", unet), Self.facts(schedulerClass, scheduler), layerTable.text,
    ]
    .joined(separator: "\n")
  }

  private static func facts(_ heading: String, _ values: [String: SettingValue]) -> PrintedText {
    let sorted = values.sorted { $0.key < $1.key }
    return "\(heading)\n\(TextTable(facts: sorted.map { ("  " + $0.key, text($0.value)) }).text)"
  }

  private static func text(_ value: SettingValue) -> String {
    switch value {
    case .null: "none"
    case .list(let values): values.map(text).joined(separator: ", ")
    default: value.text
    }
  }

  private var layerTable: TextTable {
    var table = TextTable([
      ("layer", .left), ("kind", .left), ("output", .right), ("parameters", .right), ("MFLOP", .right),
    ])
    for layer in layers {
      table.append([
        layer.name, layer.kind, layer.outputShape.map(String.init).joined(separator: "x"), "\(layer.parameters)",
        FixedDecimal.text(Double(layer.flops) / 1_000_000, digits: 2),
      ])
    }
    return table
  }
}
