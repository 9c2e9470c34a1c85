import DiffusionCore

extension State {
  mutating func open(_ field: SettingField) {
    helpScroll = nil
    if field == .variation { return openVariation() }
    editor = Editor(field: field, text: field.text(of: pane.latestRequest))
  }

  /// A key press while a setting is open.
  mutating func edit(_ key: Key) -> [Effect] {
    guard var editor else { return [] }
    let isFresh = editor.isFresh
    // Only the path of a model has spaces, and no value begins with one; a pasted one does not add to the old value.
    guard key != .character(" ") || (editor.field == .model && !isFresh) else { return [] }
    editor.isFresh = false
    editor.error = nil
    switch key {
    case .enter: return apply(editor)
    case .escape:
      self.editor = nil
      return []
    case .character(let character):
      if isFresh { editor.text = "" }
      if editor.text.count < editor.field.longestText { editor.text.append(character) }
    case .backspace: editor.text = String(editor.text.dropLast())
    case .delete, .control("u"): editor.text = ""
    case .tab, .down: editor.text = editor.field.neighbour(of: editor.text, forward: true, models: models)
    case .up: editor.text = editor.field.neighbour(of: editor.text, forward: false, models: models)
    default: break
    }
    self.editor = editor
    return []
  }

  /// A right value restarts the run from its noise; a wrong one says why and changes nothing.
  private mutating func apply(_ editor: Editor) -> [Effect] {
    var request = pane.latestRequest
    do {
      try editor.field.assign(editor.text, to: &request, numTrainTimesteps: numTrainTimesteps)
    } catch {
      self.editor = editor
      self.editor?.error = String(describing: error)
      return []
    }
    self.editor = nil
    return restart(request)
  }
}
