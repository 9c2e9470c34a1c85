import DiffusionCore

/// The context in which commands are parsed: the available actions, the possible values, and the current ones.
package struct CommandContext: Sendable, Equatable {
  /// The actions and their keys.
  package var keyMap: KeyMap
  /// The names of the available themes.
  package var themeNames: [String]
  /// The names of the available lessons.
  package var lessonNames: [String]
  /// The limits of the numeric settings.
  package var limits: SettingLimits
  /// The models that were named or opened.
  package var models: [ModelReference]
  /// The model and the settings of the run on the screen.
  package var request: RunRequest
  /// The devices of the machine.
  package var devices: DeviceList
  /// Why schedulers are not made for its model, by their short names.
  package var unsuitedSchedulers: [String: String]
  /// The number of steps of that run.
  package var stepCount: Int
  /// The number of steps behind the picture on the screen.
  package var position: Int
  /// The tensor that is shown.
  package var view: TensorView
  /// How pictures are drawn.
  package var renderer: ImageRendererKind
  /// The theme in use.
  package var themeName: String
  /// The playback speed.
  package var speed: PlaybackSpeed
  /// Whether the mouse is captured.
  package var capturesMouse: Bool
}

extension CommandContext {
  /// Creates the context of a screen.
  package init(_ state: State) {
    self.init(
      keyMap: state.keyMap,
      themeNames: state.display.themes.map(\.name),
      lessonNames: state.lessonFiles.keys.sorted(),
      limits: state.settingLimits,
      models: state.models,
      request: state.pane.latestRequest,
      devices: state.devices,
      unsuitedSchedulers: state.unsuitedSchedulers,
      stepCount: state.stepCount,
      position: state.position,
      view: state.view,
      renderer: state.display.renderer,
      themeName: state.theme.name,
      speed: state.playback.speed,
      capturesMouse: state.pointer.isCaptured)
  }
}
