import DiffusionCore

/// A key in the footer, and its action.
package struct FooterKey: Sendable, Equatable {
  package let key, label: String
  /// The order in which it is dropped when space runs out, highest first.
  package let rank: Int

  package init(_ key: String, _ label: String, _ rank: Int) {
    (self.key, self.label, self.rank) = (key, label, rank)
  }
}

/// The last line: the keys of the top layer, as many as fit.
package struct FooterView {
  package let state: State

  package init(state: State) { self.state = state }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    var keys = keys
    while keys.count > 1, keys.reduce(-2, { $0 + $1.key.columns + $1.label.columns + 3 }) > part.columns - 2 {
      guard let worst = keys.indices.max(by: { keys[$0].rank < keys[$1].rank }) else { break }
      keys.remove(at: worst)
    }
    var column = 1
    for key in keys {
      column = frame.write(key.key, look[.accent], column: column, row: part.row, end: part.endColumn) + 1
      column = frame.write(key.label, look[.dim], column: column, row: part.row, end: part.endColumn) + 2
    }
  }

  /// The keys of the highest layer that has its own, or else those of the runs. While a file is being written or
  /// a model downloaded, Esc stops that first.
  package var keys: [FooterKey] {
    let shown = state.layers.reversed().lazy.compactMap { keys(of: $0) }.first ?? keysOfRuns
    guard let task = state.topLayer?.kind, task.isTask, let escape = escapeLabel else { return shown }
    let label = task == .writing ? "stop the file" : "stop the download"
    return [FooterKey(escape, label, 0)] + shown.filter { $0.key != escape }
  }

  /// The key that closes the top layer; nil if it is unbound.
  private var escapeLabel: String? {
    if state.isModal { return Key.escape.label }
    return state.keyMap.bindings.first { $0.action == .program(.dismiss) }?.keys.first?.label
  }

  /// The keys of a layer; nil if it passes all but Esc to the layers below.
  private func keys(of layer: Layer) -> [FooterKey]? {
    switch layer {
    case .editor(let editor) where editor.setting == .prompt:
      [
        FooterKey("Enter", "apply", 0), FooterKey("Esc", "keep the old value", 1),
        FooterKey("up down", "former prompts", 2), Self.clear,
      ]
    case .editor: [FooterKey("Enter", "apply", 0), FooterKey("Esc", "keep the old value", 1), Self.clear]
    case .variation: VariationLine.footer
    case .branch: BranchLine.footer
    case .exports(let menu): menu.naming == nil ? Self.exportList : Self.exportName
    case .palette: Self.palette
    case .lessonList: LessonListView.footer
    case .help: helpKeys
    case .search: [FooterKey("Esc", "end the search", 0), FooterKey("up down", "scroll", 1), Self.clear]
    case .gallery: GalleryScreen.footer(unicode: state.capabilities.unicode, entries: state.gallery?.entries)
    case .sweep: SweepScreen.footer(unicode: state.capabilities.unicode)
    case .zoom: state.viewport == nil ? nil : keysOfZoom
    case .attention: state.showsAttention ? keysOfAttention : nil
    case .lesson, .threeUp, .writing, .download: nil
    }
  }

  private var helpKeys: [FooterKey] {
    let search = state.keyMap.bindings.first { $0.action == .program(.searchHelp) }?.keys.first
    return [FooterKey("Esc", "close", 0), FooterKey("up down", "scroll", 1)]
      + (search.map { [FooterKey($0.label, "search", 2)] } ?? [])
  }

  private static let clear = FooterKey("Ctrl-U", "clear", 2)
  private static let exportList = [
    FooterKey("Enter", "choose", 0), FooterKey("Esc", "close", 1), FooterKey("up down", "move", 2),
  ]
  private static let exportName = [FooterKey("Enter", "write", 0), FooterKey("Esc", "back", 1), clear]
  private static let palette = [
    FooterKey("Enter", "run", 0), FooterKey("Esc", "close", 1), FooterKey("Tab", "complete", 2),
    FooterKey("up down", "choose", 3), FooterKey("Ctrl-U", "clear", 4),
  ]

  /// The keys while the attention is shown.
  private var keysOfAttention: [FooterKey] {
    let actions: [(Action, rank: Int)] = [
      (.playback(.stepForward), 4), (.playback(.stepBack), 5), (.program(.dismiss), 1), (.display(.cycleView), 6),
      (.program(.toggleHelp), 7),
    ]
    let others = actions.compactMap { action, rank in
      state.keyMap.bindings.first { $0.action == action && !$0.keys.isEmpty }.map {
        FooterKey($0.shortKeyLabel(unicode: state.capabilities.unicode), $0.label, rank)
      }
    }
    return [FooterKey("up down", "token", 2), FooterKey("Enter", "large, or all", 3)] + others
  }

  /// The keys while a pixel is selected: the arrows move the pixel, so stepping is shown with its letters.
  private var keysOfZoom: [FooterKey] {
    func key(_ action: Action) -> String? {
      state.keyMap.bindings.first { $0.action == action }?.keys.first { $0.arrow == nil }?.label
    }
    let keys = [
      ("arrows", "pixel", 2), (key(.inspect(.zoomIn)), "closer", 3), (key(.inspect(.zoomOut)), "wider", 4),
      (key(.program(.dismiss)), "leave", 1), (key(.playback(.stepBack)), "back", 6),
      (key(.playback(.stepForward)), "step", 5),
      (key(.playback(.togglePlay)), "play", 7), (key(.display(.cycleView)), "view", 8),
      (key(.program(.toggleHelp)), "help", 9),
    ]
    return keys.compactMap { key, label, rank in key.map { FooterKey($0, label, rank) } }
  }

  /// The highest rank shown in presenter mode: the footer is for whoever holds the keyboard.
  private static let presenterRank = 4

  /// The rows of the key table to show in the footer.
  private var keysOfRuns: [FooterKey] {
    state.keyMap.bindings.filter { !$0.keys.isEmpty && isOfUse($0) }.compactMap { binding in
      guard let rank = binding.footerRank, state.display.presenter == nil || rank <= Self.presenterRank else {
        return nil
      }
      return FooterKey(binding.shortKeyLabel(unicode: state.capabilities.unicode), label(binding), rank)
    }
  }

  /// Whether a row is useful now: most actions for comparing are not, with one run, nor those on prompts and latents
  /// with a model of images alone.
  private func isOfUse(_ binding: KeyBinding) -> Bool {
    switch binding.action {
    case .run(.edit(.classLabels)): state.run?.description.takesClass == true
    case .run(.edit(.guidanceScale)), .inspect(.guidance): state.run?.description.takesGuidance == true
    case .run(.edit(let setting)) where setting.needsPrompt: state.run?.description.takesPrompt == true
    case .inspect(.decode): state.run?.description.latents != nil
    case .inspect(.attention): state.run?.description.takesPrompt == true
    default: state.isComparing || binding.chapter != .compare || binding.action == .compare(.addPane)
    }
  }

  /// The current label of a row.
  private func label(_ binding: KeyBinding) -> String {
    guard binding.action == .playback(.togglePlay) else { return binding.label }
    if state.playback.isPlaying { return "pause" }
    return state.linkedPanes.contains { state.panes[$0].isQueued } ? "stop" : "play"
  }
}
