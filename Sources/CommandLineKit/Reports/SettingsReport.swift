import DiffusionCore

/// A run's settings in JSON. A single seed means one generator for the whole batch.
public struct SettingsReport: Encodable, Sendable, Equatable {
  /// The settings.
  let settings: RunSettings
  /// The scheduler.
  let scheduler: String

  /// Creates a report from a run's settings.
  package init(settings: RunSettings, scheduler: String) {
    (self.settings, self.scheduler) = (settings, scheduler)
  }

  /// Encodes every setting that has a value, under its name.
  public func encode(to encoder: any Encoder) throws {
    let request = RunRequest(settings: settings)
    let values = Setting.ofRunSettings.map { ($0.name, $0.value(of: request)) }.filter { $0.1 != .null }
    let object = Dictionary(values + [("scheduler", .text(scheduler))], uniquingKeysWith: { $1 })
    try SettingValue.table(object).encode(to: encoder)
  }
}
