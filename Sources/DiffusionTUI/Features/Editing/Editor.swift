import DiffusionCore

/// A setting that is being edited in place.
public struct Editor: Sendable, Equatable {
  /// The setting.
  package let setting: Setting
  /// The text typed so far; initially the current value.
  package var text: String
  /// Whether the next character replaces the text: true until the first key press.
  package var isFresh = true
  /// Why the value was rejected, in one line.
  package var error: String?

  /// Types text, which may be long; the first text replaces the old value.
  package mutating func insert(_ text: String) {
    // No value begins with a space. A pasted one does not add to the old value.
    let typed =
      setting.takesSpaces ? String(isFresh ? text.drop { $0 == " " } : text[...]) : text.filter { $0 != " " }
    guard !typed.isEmpty else { return }
    self.text = ((isFresh ? "" : self.text) + typed).prefix(scalars: setting.longestText)
    (isFresh, error) = (false, nil)
  }
}

extension State {
  mutating func edit(_ setting: Setting) {
    open(
      setting == .variation
        ? .variation(VariationEditor(pane.latestSettings))
        : .editor(Editor(setting: setting, text: setting.text(of: pane.latestRequest))))
  }

  /// Handles a key press while a setting is open.
  mutating func press(_ key: Key, in open: Editor) -> [Effect] {
    var editor = open
    if case .character(let character) = key {
      editor.insert(String(character))
      update(.editor(editor))
      return []
    }
    editor.isFresh = false
    editor.error = nil
    switch key {
    case .enter: return apply(editor)
    case .backspace: editor.text = String(editor.text.dropLast())
    case .delete, .control("u"): editor.text = ""
    case .tab, .down, .up:
      editor.text = editor.setting.neighbour(
        of: editor.text, forward: key != .up, among: choices(of: editor.setting))
    default: break
    }
    update(.editor(editor))
    return []
  }

  /// Restarts the run from its noise with a valid value; shows an error for an invalid one and changes nothing.
  private mutating func apply(_ editor: Editor) -> [Effect] {
    var request = pane.latestRequest
    do {
      try editor.setting.type(editor.text, into: &request, limits: settingLimits)
    } catch {
      var refused = editor
      refused.error = String(describing: error)
      update(.editor(refused))
      return []
    }
    close(.editor)
    return restart(request)
  }
}

/// Editing a setting in place.
extension Setting {
  /// The maximum number of characters: a path is longer than a number.
  var longestText: Int { self == .model || self == .initImage ? 1024 : 256 }

  /// Whether its value may contain spaces.
  var takesSpaces: Bool { [.model, .initImage, .variation].contains(self) }

  /// Sets it to the typed text.
  ///
  /// - Throws: `DiffusionError`: one line that names the setting by its label and says what was expected.
  package func type(_ text: String, into request: inout RunRequest, limits: SettingLimits) throws {
    do {
      try assign(text: text, to: &request, limits: limits)
    } catch let error as DiffusionError {
      guard let fault = error.setting else { throw error }
      throw DiffusionError(error.kind, fault.message(calling: label))
    }
  }

  /// The choice next to a text, or the next whole number; the text itself if there is none.
  ///
  /// - Parameter choices: The available choices.
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
  /// The limits of the numeric settings: at most the number of steps that the model allows.
  package var settingLimits: SettingLimits { SettingLimits(steps: numTrainTimesteps, images: Self.maximumImages) }

  /// The choices of a setting; empty if its value is typed.
  func choices(of setting: Setting) -> [String] { setting == .model ? models.map(\.name) : setting.choices }
}
