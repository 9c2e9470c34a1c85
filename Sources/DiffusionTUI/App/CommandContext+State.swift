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
