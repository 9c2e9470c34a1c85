import DiffusionCore

/// A setting that is being edited in place.
public struct Editor: Sendable, Equatable {
  /// The setting.
  package let setting: Setting
  /// The text typed so far; initially the current value.
  package private(set) var text: String
  /// The number of characters behind the cursor.
  package private(set) var charactersBehind = 0
  /// Whether the next character replaces the text: true until the first key press.
  package var isFresh = true
  /// Why the value was rejected, in one line.
  package var error: String?
  /// Former values; empty for a setting whose values are counted or chosen.
  private var recall: Recall
  /// What was typed before Tab went through the choices that begin with it; nil unless the last key did.
  private var completed: String?

  /// Creates an editor of a value as it stands.
  ///
  /// - Parameter former: Former values for the arrow keys, oldest first.
  init(setting: Setting, text: String, former: [String] = []) {
    (self.setting, self.text) = (setting, text)
    recall = Recall(former, editing: text)
  }

  /// The text before the cursor, and behind it.
  package var parts: (before: Substring, behind: Substring) {
    (text.dropLast(charactersBehind), text.suffix(charactersBehind))
  }

  /// Handles a key that changes the text, and ignores any other.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - choices: The choices that Tab goes through; empty for a number, which it counts.
  ///   - request: The run whose setting it is.
  ///   - limits: The limits of numbers.
  mutating func press(_ key: Key, choices: [String], in request: RunRequest, limits: SettingLimits) {
    func neighbour(_ isNext: Bool) -> String {
      setting.neighbour(of: text, isNext: isNext, in: request, limits: limits)
    }
    if !choices.isEmpty, [.tab, .down, .backTab, .up].contains(key) {
      return complete(isNext: [.tab, .down].contains(key), among: choices)
    }
    completed = nil
    switch key {
    case .character(let character): return insert(String(character))
    case .left: charactersBehind = min(text.count, charactersBehind + 1)
    case .right: charactersBehind = max(0, charactersBehind - 1)
    case .home, .control("a"): charactersBehind = text.count
    case .end, .control("e"): charactersBehind = 0
    case .backspace: text = String(parts.before.dropLast() + parts.behind)
    case .delete where charactersBehind > 0:
      text = String(parts.before + parts.behind.dropFirst())
      charactersBehind -= 1
    case .delete, .control("u"): replace("")
    case .up where setting.isProse: recall.move(by: -1, from: text).map { replace($0) }
    case .down where setting.isProse: recall.move(by: 1, from: text).map { replace($0) }
    case _ where setting.isProse: break
    // Down is the choice after, and the smaller number.
    case .tab, .down: replace(neighbour(false))
    case .backTab, .up: replace(neighbour(true))
    default: break
    }
    (isFresh, error) = (false, nil)
  }

  /// Goes through the choices that begin with what was typed; through all of them from one that was not typed.
  private mutating func complete(isNext: Bool, among choices: [String]) {
    let typed = completed ?? (isFresh || choices.contains(text) ? "" : text)
    let fitting = choices.filter { $0.lowercased().hasPrefix(typed.lowercased()) }
    guard let first = isNext ? fitting.first : fitting.last else {
      (isFresh, error) = (false, "nothing to complete: no \(setting.label) here begins with '\(typed)'")
      return
    }
    let step = isNext ? 1 : fitting.count - 1
    replace(fitting.firstIndex(of: text).map { fitting[($0 + step) % fitting.count] } ?? first)
    (completed, isFresh, error) = (typed, false, nil)
  }

  /// How many choices Tab goes through, in words; nil without any.
  package func completionHint(among choices: [String]) -> String? {
    guard !choices.isEmpty else { return nil }
    let typed = completed ?? (isFresh || choices.contains(text) ? "" : text)
    let fitting = choices.filter { $0.lowercased().hasPrefix(typed.lowercased()) }
    let place = fitting.firstIndex(of: text).map { "\($0 + 1) of " } ?? ""
    return fitting.isEmpty ? nil : "Tab: \(place)\(fitting.count)"
  }

  private mutating func replace(_ text: String) { (self.text, charactersBehind) = (text, 0) }

  /// Types text, which may be long; the first text replaces the old value.
  package mutating func insert(_ text: String) {
    // No value begins with a space. A pasted one does not add to the old value.
    let typed =
      setting.takesSpaces ? String(isFresh ? text.drop { $0 == " " } : text[...]) : text.filter { $0 != " " }
    guard !typed.isEmpty else { return }
    if isFresh { replace("") }
    let space = max(0, setting.longestText - self.text.unicodeScalars.count)
    let (before, behind) = (parts.before + typed.prefix(scalars: space), String(parts.behind))
    self.text = String(before) + behind
    // A mark may have joined the character before it.
    charactersBehind = behind.count
    let left = typed.unicodeScalars.count - space
    (isFresh, completed) = (false, nil)
    error =
      left > 0
      ? "the last \(left) characters are left out: \(setting.label) takes at most \(setting.longestText)" : nil
  }
}

extension State {
  mutating func edit(_ setting: Setting) {
    if let reason = reasonAgainst(setting) {
      notice = reason
      return
    }
    open(
      setting == .variation
        ? .variation(VariationEditor(pane.latestSettings))
        : .editor(
          Editor(
            setting: setting, text: setting.text(of: pane.latestRequest),
            former: setting == .prompt ? promptHistory.prompts : [])))
  }

  /// Handles a key press while a setting is open.
  mutating func press(_ key: Key, in open: Editor) -> [Effect] {
    guard key != .enter else { return apply(open) }
    var editor = open
    editor.press(key, choices: choices(of: open.setting), in: pane.latestRequest, limits: settingLimits)
    update(.editor(editor))
    return []
  }

  /// Restarts the run with a valid value, from its noise where that changes the result; shows an error for an invalid
  /// one and changes nothing.
  private mutating func apply(_ editor: Editor) -> [Effect] {
    var request = pane.latestRequest
    do {
      // A list of prompts stays one unless it is edited.
      if editor.text != editor.setting.text(of: request) {
        if editor.setting == .device { try devices.requireAnswer(about: editor.text) }
        try editor.setting.type(editor.text, into: &request, limits: settingLimits)
      }
    } catch {
      var refused = editor
      (refused.isFresh, refused.error) = (false, String(describing: error))
      update(.editor(refused))
      return []
    }
    close(.editor)
    return restart(request, after: editor.setting)
  }
}

/// Editing a setting in place.
extension Setting {
  /// The maximum number of scalars: a path is longer than a number.
  var longestText: Int { hasProse ? 100_000 : self == .model || self == .initImage ? 1024 : 256 }

  /// Whether its value may contain spaces.
  var takesSpaces: Bool { hasProse || [.model, .initImage, .variation, .classLabels].contains(self) }

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

  /// The next whole number, or the next strength of a blend; the text itself if there is none that the setting can
  /// have.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - isNext: Whether it is the one after it, and not the one before.
  ///   - request: The run whose setting it is.
  ///   - limits: The limits of numbers.
  func neighbour(of text: String, isNext: Bool, in request: RunRequest, limits: SettingLimits) -> String {
    if self == .promptBlend { return blend(text, by: isNext ? 5 : -5, in: request, limits: limits) }
    guard let number = Int(text) else { return text }
    let (result, overflow) = number.addingReportingOverflow(isNext ? 1 : -1)
    var changed = request
    guard !overflow, (try? type(String(result), into: &changed, limits: limits)) != nil else { return text }
    return String(result)
  }
}

extension Setting {
  /// A blend whose strength is some hundredths more; the text itself if it is none.
  private func blend(_ text: String, by hundredths: Double, in request: RunRequest, limits: SettingLimits) -> String {
    var changed = request
    guard (try? type(text, into: &changed, limits: limits)) != nil, var blend = changed.settings.promptBlend else {
      return text
    }
    blend.strength = min(100, max(0, (blend.strength * 100).rounded() + hundredths)) / 100
    changed.settings.promptBlend = blend
    return self.text(of: changed)
  }
}

extension State {
  /// The limits of the numeric settings: at most the number of steps that the model allows.
  package var settingLimits: SettingLimits { SettingLimits(steps: numTrainTimesteps, images: Self.maximumImages) }

  /// Why schedulers are not made for the model of the run in front, by their short names.
  package var unsuitedSchedulers: [String: String] {
    guard let run = pane.run?.description, run.model == pane.latestRequest.model else { return [:] }
    return run.unsuitedSchedulers
  }

  /// What speaks against the value that is being edited; nil for nothing.
  package func reservation(about editor: Editor) -> String? {
    guard editor.setting == .scheduler, let name = (try? SchedulerClass(named: editor.text))?.shortName else {
      return nil
    }
    return unsuitedSchedulers[name].map { "not made for this model: \($0)" }
  }

  /// The choices of a setting; empty if its value is typed.
  package func choices(of setting: Setting) -> [String] {
    setting == .model ? models.map(\.name) : devices.choices(of: setting)
  }
}
