import DiffusionCore

/// Blending the noise of the focused run with another seed's.
extension State {
  mutating func openVariation() { variationEditor = VariationEditor(pane.latestSettings) }

  /// A key press while the variation is open. What it would make of the noise is asked for at once.
  mutating func editVariation(_ key: Key) -> [Effect] {
    guard var editor = variationEditor else { return [] }
    switch key {
    case .enter: return applyVariation(editor)
    case .escape:
      variationEditor = nil
      return []
    default: break
    }
    guard editor.press(key) else { return [] }
    variationEditor = editor
    var request = pane.latestRequest
    guard let variation = try? editor.variation() else { return [] }
    request.settings.variation = variation
    return [.previewNoise(request)]
  }

  /// Restarts the run with the variation; a seed that is none is refused and changes nothing.
  private mutating func applyVariation(_ editor: VariationEditor) -> [Effect] {
    var request = pane.latestRequest
    do {
      request.settings.variation = try editor.variation()
    } catch {
      variationEditor?.error = String(describing: error)
      return []
    }
    variationEditor = nil
    return request == pane.latestRequest ? [] : restart(request)
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
