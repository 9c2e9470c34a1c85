import DiffusionCore

/// A setting that is being edited in place.
public struct Editor: Sendable, Equatable {
  /// Which setting.
  package let setting: Setting
  /// What has been typed; the current value at first.
  package var text: String
  /// Whether the next character replaces the text: so until the first key.
  package var isFresh = true
  /// Why the value was refused, in one line.
  package var error: String?
}

extension State {
  mutating func edit(_ setting: Setting) {
    open(
      setting == .variation
        ? .variation(VariationEditor(pane.latestSettings))
        : .editor(Editor(setting: setting, text: setting.text(of: pane.latestRequest))))
  }

  /// A key press while a setting is open.
  mutating func press(_ key: Key, in open: Editor) -> [Effect] {
    var editor = open
    let isFresh = editor.isFresh
    // No value begins with a space; a pasted one does not add to the old value.
    guard key != .character(" ") || (editor.setting.takesSpaces && !isFresh) else { return [] }
    editor.isFresh = false
    editor.error = nil
    switch key {
    case .enter: return apply(editor)
    case .character(let character):
      if isFresh { editor.text = "" }
      if editor.text.count < editor.setting.longestText { editor.text.append(character) }
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

  /// A right value restarts the run from its noise; a wrong one says why and changes nothing.
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
