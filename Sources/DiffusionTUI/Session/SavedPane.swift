import DiffusionCore

/// The saved state of a run: its settings and position. Its tensors are not saved: the same settings give them again,
/// bit for bit.
package struct SavedPane: Sendable, Equatable {
  /// The settings, by their names.
  package var values: SettingValues
  /// Its model, written as ``SavedSession/model`` is; nil for the session's.
  package var model: String?
  /// The number of steps before the shown picture.
  package var position: Int

  /// Saves a run.
  ///
  /// - Parameter model: The name of its model; nil for the session's.
  package init(_ settings: RunSettings, model: String? = nil, position: Int) {
    values = SettingValues(of: RunRequest(settings: settings), Setting.ofRunSettings)
    (self.model, self.position) = (model, position)
  }

  /// The settings to run it again. The number of steps of its model is not known before it is opened.
  ///
  /// - Parameter standard: The settings whose device decides what `cpu` means now.
  /// - Throws: `DiffusionError` that names the value: one out of range, or a device that this machine lacks.
  package func settings(like standard: RunSettings) throws -> RunSettings {
    let limits = SettingLimits(steps: RunSettings.maximumSteps, images: State.maximumImages)
    guard (0...limits.steps).contains(position) else {
      throw DiffusionError(.badData, "position is \(position): expected 0 to \(limits.steps)")
    }
    var request = RunRequest(settings: standard)
    try values.assign(to: &request, among: Setting.ofRunSettings, limits: limits, absence: .usual)
    return try request.settings.resolved()
  }
}

extension SavedPane: Codable {
  private static let modelKey = "model", positionKey = "position"

  /// Decodes the settings by their current or earlier names.
  ///
  /// - Throws: `DiffusionError` (`badData`) that names the missing key.
  package init(from decoder: any Decoder) throws {
    let object = try decoder.singleValueContainer().decode([String: SettingValue].self)
    guard case .integer(let number)? = object[Self.positionKey], let position = Int(exactly: number) else {
      throw DiffusionError(.badData, "a pane has no position: expected a whole number")
    }
    var values = SettingValues()
    for (key, value) in object where key != Self.positionKey {
      // Unknown settings come from another version of the program and are ignored.
      _ = try values.add(value, under: key, among: Setting.ofRunSettings)
    }
    (self.values, self.position) = (values, position)
    if case .text(let name)? = object[Self.modelKey] { model = name }
  }

  /// Encodes the settings beside the model and the position.
  package func encode(to encoder: any Encoder) throws {
    var object = values.values
    object[Self.positionKey] = .integer(Int128(position))
    object[Self.modelKey] = model.map { .text($0) }
    try SettingValue.table(object).encode(to: encoder)
  }
}
