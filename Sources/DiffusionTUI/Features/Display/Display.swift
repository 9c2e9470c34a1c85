/// How the screen is drawn: the theme, the renderer, and whether in presenter mode.
package struct Display: Sendable, Equatable {
  /// The available themes, at least one.
  package let themes: [Theme]
  /// The selected renderer.
  package var renderer: ImageRendererKind
  /// The state of presenter mode; nil if it is off.
  package var presenter: Presenter?
  private var themeIndex: Int

  /// Creates a display with the theme of that name, or else with the dark one.
  init(themes: [Theme], themeName: String?, renderer: ImageRendererKind) {
    self.themes = themes.isEmpty ? [Theme.plain] : themes
    self.renderer = renderer
    themeIndex = self.themes.firstIndex { $0.name == themeName } ?? self.themes.firstIndex { $0.name == "dark" } ?? 0
  }

  /// The theme in use.
  package var theme: Theme { themes[themeIndex] }

  /// Selects the next theme.
  mutating func cycleTheme() { themeIndex = (themeIndex + 1) % themes.count }

  /// Selects the theme with a name; does nothing if there is none.
  package mutating func pickTheme(_ name: String) {
    themeIndex = themes.firstIndex { $0.name == name } ?? themeIndex
  }
}

/// The actions that change how pictures are drawn.
public enum DisplayAction: FeatureAction {
  case cycleView, cycleRenderer, cycleTheme

  package static let chapter = KeyBinding.Chapter.display
  package var action: Action { .display(self) }

  package var row: KeyRow {
    switch self {
    case .cycleView:
      KeyRow(
        .character("v"), name: "next-view", label: "view", help: "x_t, predicted original, model output", rank: 7)
    case .cycleRenderer:
      KeyRow(
        .character("m"), name: "next-renderer", label: "renderer", help: "the next way to draw that this screen has",
        rank: 18)
    case .cycleTheme: KeyRow(.character("t"), name: "next-theme", label: "theme", help: "the next theme", rank: 8)
    }
  }
}

/// Changing how pictures are drawn.
extension State {
  /// The theme in use.
  public var theme: Theme { display.theme }

  /// The renderer in use: the selected one, or the nearest that the terminal supports.
  package var shownRenderer: ImageRendererKind { display.renderer.shown(on: capabilities) }

  mutating func act(_ action: DisplayAction) -> [Effect] {
    switch action {
    case .cycleView: view = view.next
    case .cycleRenderer: cycleRenderer()
    case .cycleTheme: display.cycleTheme()
    }
    return []
  }

  /// Selects the next renderer that the terminal supports.
  private mutating func cycleRenderer() {
    let all = ImageRendererKind.allCases.filter { $0.isAvailable(on: capabilities) }
    if all.count < 2 {
      let other = ImageRendererKind.halfBlock
      notice = "pictures stay an \(shownRenderer.label): \(other.label)s take \(other.requirement)"
    }
    let index = all.firstIndex(of: shownRenderer) ?? all.count - 1
    if !all.isEmpty { display.renderer = all[(index + 1) % all.count] }
  }

  /// Selects a renderer. One that the terminal does not support is remembered, and a notice explains why it is not
  /// used.
  mutating func pick(_ kind: ImageRendererKind) {
    display.renderer = kind
    if !kind.isAvailable(on: capabilities) {
      notice = "\(kind.label) takes \(kind.requirement): pictures are drawn by \(shownRenderer.label)"
    }
  }
}

/// Messages that mention keys, which users can rebind.
extension State {
  /// Tells how to trigger an action, as in `press r`: with the first key that triggers it in the current state, or with
  /// its name if it has none. While a pixel is selected, the arrows move the pixel.
  package func pressing(_ action: Action) -> String {
    guard let binding = keyMap.bindings.first(where: { $0.action == action }) else { return "" }
    let key = binding.keys.first { pixelAction(for: $0) == nil }
    return key.map { "press \($0.label)" } ?? "type :\(binding.name)"
  }
}
