/// The scheduler of a receipt.
public struct ReceiptScheduler: Sendable, Equatable {
  /// Its short name: `ddim`.
  public let name: String
  /// Its configuration by Diffusers' names, with every option.
  public let config: [String: SettingValue]

  /// Creates a record from a name and a configuration.
  package init(name: String, config: [String: SettingValue]) { (self.name, self.config) = (name, config) }

  /// Creates the record of a scheduler.
  public init(_ scheduler: some Scheduler) {
    (name, config) = (type(of: scheduler).shortName, scheduler.config.values)
  }
}

extension ReceiptScheduler: Codable {
  private enum CodingKeys: String, CodingKey { case name, config }

  /// Decodes a name that the registry knows, and every option of its class.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    let values = try container.decode([String: SettingValue].self, forKey: .config)
    guard let found = SchedulerClass.find(name) else {
      throw DiffusionError(
        .badData, "scheduler: '\(name)' is unknown: this program cannot reproduce it; use a newer one")
    }
    config = try found.configuration(reading: ConfigurationReader(file: "scheduler", values: values))
  }
}
