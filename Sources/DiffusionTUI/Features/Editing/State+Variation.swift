import DiffusionCore

/// Blending the noise of the focused run with another seed's.
extension State {
  /// A key press while the variation is open. What it would make of the noise is asked for at once.
  mutating func press(_ key: Key, in editor: VariationEditor) -> [Effect] {
    if key == .enter { return apply(editor) }
    var editor = editor
    guard editor.press(key) else { return [] }
    update(.variation(editor))
    var request = pane.latestRequest
    guard let variation = try? editor.variation() else { return [] }
    request.settings.variation = variation
    return [.previewNoise(request)]
  }

  /// Restarts the run with the variation; a seed that is none is refused and changes nothing.
  private mutating func apply(_ editor: VariationEditor) -> [Effect] {
    var request = pane.latestRequest
    do {
      request.settings.variation = try editor.variation()
    } catch {
      var refused = editor
      refused.error = String(describing: error)
      update(.variation(refused))
      return []
    }
    close(.variation)
    return request == pane.latestRequest ? [] : restart(request)
  }

  /// Shows the noise that was drawn for the variation which is being edited.
  mutating func showPreview(_ description: RunDescription) {
    guard var editor = variationEditor else { return }
    editor.show(description)
    update(.variation(editor))
  }

  /// The state as it is shown: at its noise the focused run has that of the variation which is being edited.
  package var previewed: State {
    guard let preview = variationEditor?.preview, let run, pane.position == 0, pending == nil,
      preview.model == run.description.model
    else { return self }
    var state = self
    state.pane.run = ShownRun(number: run.number, preview)
    state.pane.comparison = nil
    state.pane.divergence = nil
    state.refreshComparisons()
    return state
  }
}
