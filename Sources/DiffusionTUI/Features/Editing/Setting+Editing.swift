import DiffusionCore

/// A setting as it is edited in place.
extension Setting {
  /// The most characters that may be typed: a path is longer than a number.
  var longestText: Int { self == .model ? 1024 : 256 }

  /// Whether it is typed with spaces.
  var takesSpaces: Bool { self == .model || self == .variation }

  /// Sets it to what was typed.
  ///
  /// - Throws: `DiffusionError`: one line that calls the setting by its label, and says what was expected.
  package func type(_ text: String, into request: inout RunRequest, limits: SettingLimits) throws {
    do {
      try assign(text: text, to: &request, limits: limits)
    } catch let error as DiffusionError {
      guard let fault = error.setting else { throw error }
      throw DiffusionError(error.kind, fault.message(calling: label))
    }
  }

  /// The choice, or the whole number, beside a text; the text itself where there is none.
  ///
  /// - Parameter choices: What there is to choose from.
  package func neighbour(of text: String, forward: Bool, among choices: [String]) -> String {
    guard choices.isEmpty else {
      guard let index = choices.firstIndex(of: text) else { return choices.first ?? text }
      return choices[(index + (forward ? 1 : choices.count - 1)) % choices.count]
    }
    guard let number = Int(text) else { return text }
    let (result, overflow) = number.addingReportingOverflow(forward ? -1 : 1)
    return overflow ? text : String(result)
  }
}

extension State {
  /// How far the numbers of settings may go: as many steps as the model takes.
  package var settingLimits: SettingLimits { SettingLimits(steps: numTrainTimesteps, images: Self.maximumImages) }

  /// What a setting can be chosen from; empty where it is typed.
  func choices(of setting: Setting) -> [String] { setting == .model ? models.map(\.name) : setting.choices }
}
