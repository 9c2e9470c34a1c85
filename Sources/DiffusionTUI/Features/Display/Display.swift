/// How the screen is drawn: in which theme, by which renderer, and whether for a projector.
package struct Display: Sendable, Equatable {
  /// The themes that can be picked, at least one.
  package let themes: [Theme]
  /// The renderer that was picked.
  package var renderer: ImageRendererKind
  /// What is shown for a projector; nil where there is none.
  package var presenter: Presenter?
  private var themeIndex: Int

  /// Begins with the theme of a name, or else with the dark one.
  init(themes: [Theme], themeName: String?, renderer: ImageRendererKind) {
    self.themes = themes.isEmpty ? [Theme.plain] : themes
    self.renderer = renderer
    themeIndex = self.themes.firstIndex { $0.name == themeName } ?? self.themes.firstIndex { $0.name == "dark" } ?? 0
  }

  /// The theme in use.
  package var theme: Theme { themes[themeIndex] }

  /// Takes the next theme.
  mutating func cycleTheme() { themeIndex = (themeIndex + 1) % themes.count }

  /// Takes the theme of a name; leaves it where there is none.
  package mutating func pickTheme(_ name: String) {
    themeIndex = themes.firstIndex { $0.name == name } ?? themeIndex
  }
}

/// What people ask for to draw pictures otherwise.
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

/// How pictures are drawn.
extension State {
  /// The theme in use.
  public var theme: Theme { display.theme }

  /// The renderer in use: the one that was picked, or the nearest that the screen can show.
  package var shownRenderer: ImageRendererKind { display.renderer.shown(on: capabilities) }

  mutating func act(_ action: DisplayAction) -> [Effect] {
    switch action {
    case .cycleView: view = view.next
    case .cycleRenderer: cycleRenderer()
    case .cycleTheme: display.cycleTheme()
    }
    return []
  }

  /// Takes the next renderer that the screen can show.
  private mutating func cycleRenderer() {
    let all = ImageRendererKind.allCases.filter { $0.isAvailable(on: capabilities) }
    if all.count < 2 {
      let other = ImageRendererKind.halfBlock
      notice = "pictures stay an \(shownRenderer.label): \(other.label)s take \(other.requirement)"
    }
    let index = all.firstIndex(of: shownRenderer) ?? all.count - 1
    if !all.isEmpty { display.renderer = all[(index + 1) % all.count] }
  }

  /// Takes a renderer by its name; one that the screen cannot show is kept in mind, and why it is not seen is said.
  mutating func pick(_ kind: ImageRendererKind) {
    display.renderer = kind
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
