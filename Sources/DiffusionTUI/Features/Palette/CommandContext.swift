import DiffusionCore

/// What commands are read against: the actions there are, what may be set, and what is set now.
package struct CommandContext: Sendable, Equatable {
  /// The actions and their keys.
  package var keyMap: KeyMap
  /// The themes there are.
  package var themeNames: [String]
  /// The lessons there are.
  package var lessonNames: [String]
  /// How far the numbers of settings may go.
  package var limits: SettingLimits
  /// The models that were named or opened.
  package var models: [ModelReference]
  /// The model and the settings of the run on the screen.
  package var request: RunRequest
  /// How many steps it has.
  package var stepCount: Int
  /// How many of them the picture on the screen has behind it.
  package var position: Int
  /// Which tensor is shown.
  package var view: TensorView
  /// How pictures are drawn.
  package var renderer: ImageRendererKind
  /// The theme in use.
  package var themeName: String
  /// How fast playback is.
  package var speed: PlaybackSpeed
  /// Whether the mouse is captured.
  package var capturesMouse: Bool
}

extension CommandContext {
  /// What there is on a screen.
  package init(_ state: State) {
    self.init(
      keyMap: state.keyMap,
      themeNames: state.display.themes.map(\.name),
      lessonNames: state.lessonFiles.keys.sorted(),
      limits: state.settingLimits,
      models: state.models,
      request: state.pane.latestRequest,
      stepCount: state.stepCount,
      position: state.position,
      view: state.view,
      renderer: state.display.renderer,
      themeName: state.theme.name,
      speed: state.playback.speed,
      capturesMouse: state.pointer.isCaptured)
  }
}
