/// How pictures are drawn.
extension State {
  /// Takes the next renderer that the screen can show.
  mutating func cycleRenderer() {
    let all = ImageRendererKind.allCases.filter { $0.isAvailable(on: capabilities) }
    if all.count < 2 {
      let other = ImageRendererKind.halfBlock
      notice = "pictures stay an \(shownRenderer.label): \(other.label)s take \(other.requirement)"
    }
    let index = all.firstIndex(of: shownRenderer) ?? all.count - 1
    if !all.isEmpty { renderer = all[(index + 1) % all.count] }
  }

  /// Takes a renderer by its name; one that the screen cannot show is kept in mind, and why it is not seen is said.
  mutating func pick(_ kind: ImageRendererKind) {
    renderer = kind
    if !kind.isAvailable(on: capabilities) {
      notice = "\(kind.label) takes \(kind.requirement): pictures are drawn by \(shownRenderer.label)"
    }
  }
}

/// What the screen says of keys, which people can rebind.
extension State {
  /// Says how to ask for an action, as in `press r`: by the first key that asks for it as things stand, or by its name
  /// where it has none. While a pixel is pointed at, the arrows are the pixel's.
  package func pressing(_ action: Action) -> String {
    guard let binding = keyMap.bindings.first(where: { $0.action == action }) else { return "" }
    let key = binding.keys.first { pixelAction(for: $0) == nil }
    return key.map { "press \($0.label)" } ?? "type :\(binding.name)"
  }
}

extension CommandContext {
  /// What there is on a screen.
  package init(_ state: State) {
    self.init(
      keyMap: state.keyMap,
      themeNames: state.themes.map(\.name),
      lessonNames: state.lessonFiles.keys.sorted(),
      limits: state.settingLimits,
      models: state.models,
      request: state.pane.latestRequest,
      stepCount: state.stepCount,
      position: state.position,
      view: state.view,
      renderer: state.renderer,
      themeName: state.theme.name,
      speed: state.speed,
      capturesMouse: state.capturesMouse)
  }
}
