import DiffusionCore

/// A run's settings in JSON. One seed is one generator for the whole batch.
public struct SettingsReport: Encodable, Sendable, Equatable {
  /// The settings.
  let settings: RunSettings
  /// The scheduler.
  let scheduler: String

  /// Takes over a run's settings.
  package init(settings: RunSettings, scheduler: String) {
    (self.settings, self.scheduler) = (settings, scheduler)
  }

  /// Writes every setting that has a value, under its name.
  public func encode(to encoder: any Encoder) throws {
    let request = RunRequest(settings: settings)
    let values = Setting.ofRunSettings.map { ($0.name, $0.value(of: request)) }.filter { $0.1 != .null }
    let object = Dictionary(values + [("scheduler", .text(scheduler))], uniquingKeysWith: { $1 })
    try SettingValue.table(object).encode(to: encoder)
  }
}
