import DiffusionCore
import DiffusionTUI

/// The structure of a model, as `inspect` prints it.
public struct InspectReport: Encodable, Sendable, Equatable {
  /// One of several networks of a model.
  public struct Network: Encodable, Sendable, Equatable {
    let component, className: String
    let config: [String: SettingValue]
    let layers: [LayerReport]
    let parameters: Int
    /// The size of the weights in memory, in bytes: float32, whatever the type in the file.
    let memoryBytes: Int

    private enum CodingKeys: String, CodingKey {
      case component, config, layers, parameters
      case className = "class"
      case memoryBytes = "memory_bytes"
    }

    /// Creates a report from a network's configuration and its layers, which together hold every weight.
    public init(component: String, className: String, config: [String: SettingValue], layers: [LayerReport]) {
      (self.component, self.className, self.config, self.layers) = (component, className, config, layers)
      parameters = InspectReport.sum(layers.map(\.parameters))
      memoryBytes = InspectReport.sum(Array(repeating: parameters, count: 4))
    }
  }

  /// A scheduler that may take the place of the model's own.
  public struct Choice: Encodable, Sendable, Equatable {
    let name, className: String
    /// Why it is not made for the model; nil if it is.
    let unsuited: String?

    private enum CodingKeys: String, CodingKey {
      case name, unsuited
      case className = "class"
    }

    /// Every scheduler.
    ///
    /// - Parameter unsuited: Why some are not made for the model, by their short names (``SchedulerSource/unsuited``).
    public static func all(unsuited: [String: String]) -> [Choice] {
      SchedulerClass.all.map {
        Choice(name: $0.shortName, className: $0.className, unsuited: unsuited[$0.shortName])
      }
    }
  }

  let model: String
  /// The networks, the one that predicts first; left out of the JSON if it is the only one.
  private let networks: [Network]
  let unet: [String: SettingValue]
  let scheduler: [String: SettingValue]
  private let schedulerClass: String
  /// The schedulers that it may run with.
  private let choices: [Choice]
  let layers: [LayerReport]
  let parameters: Int
  /// The size of the weights in memory, in bytes: float32, whatever the type in the file.
  let memoryBytes: Int
  /// Floating-point operations of one step for one image; a multiplication and an addition count as two.
  let flopsPerStep: Int

  private enum CodingKeys: String, CodingKey {
    case model, unet, transformer, scheduler, schedulers, layers, parameters, networks
    case memoryBytes = "memory_bytes"
    case flopsPerStep = "flops_per_step"
  }

  /// Creates a report on a model of one network.
  public init(
    model: String, unet: [String: SettingValue], scheduler: some Scheduler, layers: [LayerReport]
  ) {
    let network = Network(component: "unet", className: "UNet2DModel", config: unet, layers: layers)
    self.init(model: model, network: network, scheduler: scheduler)
  }

  /// Creates a report from a model's networks and its scheduler.
  ///
  /// - Parameters:
  ///   - model: Its name.
  ///   - network: The network that predicts.
  ///   - others: The networks around it.
  ///   - scheduler: The scheduler.
  ///   - choices: The schedulers that it may run with.
  public init(
    model: String, network: Network, others: [Network] = [], scheduler: some Scheduler,
    choices: [Choice] = Choice.all(unsuited: [:])
  ) {
    self.model = model
    networks = [network] + others
    (unet, layers) = (network.config, network.layers)
    self.scheduler = scheduler.config.values
    schedulerClass = type(of: scheduler).className
    self.choices = choices
    parameters = Self.sum(networks.map(\.parameters))
    memoryBytes = Self.sum(networks.map(\.memoryBytes))
    flopsPerStep = Self.sum(layers.map(\.flops))
  }

  /// The sum; `Int.max` for more.
  private static func sum(_ counts: [Int]) -> Int {
    counts.reduce(0) { sum, count in
      let (next, overflow) = sum.addingReportingOverflow(count)
      return overflow ? .max : next
    }
  }

  /// Encodes everything in one object.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    let isTransformer = networks.first?.component == CodingKeys.transformer.stringValue
    try container.encode(unet, forKey: isTransformer ? .transformer : .unet)
    try container.encode(scheduler, forKey: .scheduler)
    try container.encode(choices, forKey: .schedulers)
    try container.encode(layers, forKey: .layers)
    try container.encode(parameters, forKey: .parameters)
    try container.encode(memoryBytes, forKey: .memoryBytes)
    try container.encode(flopsPerStep, forKey: .flopsPerStep)
    if networks.count > 1 { try container.encode(networks, forKey: .networks) }
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
    let facts = networks.map { Self.facts($0.className, $0.config) } + [Self.facts(schedulerClass, scheduler)]
    let summary = networks.count > 1 ? [networkTable.text] : []
    return ([totals.text] + summary + facts + [choiceTable] + networks.map { Self.layerTable($0.layers).text })
      .joined(separator: "\n")
  }

  /// The schedulers for `--scheduler`. Those that are not made for the model run nevertheless, or say why not.
  private var choiceTable: PrintedText {
    let rows = choices.map { choice in
      let note =
        choice.className == schedulerClass ? "the model's own" : choice.unsuited.map { "not made for it: \($0)" }
      return ("  " + choice.name, note ?? choice.className)
    }
    return "Schedulers\n\(TextTable(facts: rows).text)"
  }

  private var networkTable: TextTable {
    var table = TextTable([
      ("component", .left), ("class", .left), ("parameters", .right), ("memory", .right), ("GFLOP", .right),
    ])
    for network in networks {
      table.append([
        network.component, network.className, "\(network.parameters)",
        FixedDecimal.text(Double(network.memoryBytes) / 1_000_000, digits: 1) + " MB",
        FixedDecimal.text(Double(Self.sum(network.layers.map(\.flops))) / 1_000_000_000, digits: 3),
      ])
    }
    return table
  }

  private static func facts(_ heading: String, _ values: [String: SettingValue]) -> PrintedText {
    let sorted = values.sorted { $0.key < $1.key }
    return "\(heading)\n\(TextTable(facts: sorted.map { ("  " + $0.key, text($0.value)) }).text)"
  }

  /// The most values of a list that a table has; JSON has all.
  private static let longestList = 64

  private static func text(_ value: SettingValue) -> String {
    switch value {
    case .null: "none"
    case .list(let values) where values.count > longestList:
      values.prefix(longestList / 2).map(text).joined(separator: ", ") + ", ... (\(values.count) values)"
    case .list(let values): values.map(text).joined(separator: ", ")
    default: value.text
    }
  }

  private static func layerTable(_ layers: [LayerReport]) -> TextTable {
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
