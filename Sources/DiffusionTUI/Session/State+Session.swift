import DiffusionCore

extension State {
  /// What is worth remembering of the screen.
  ///
  /// - Parameter model: What the model is called in the file.
  package func savedSession(model: String) -> SavedSession {
    SavedSession(
      model: model, panes: [SavedPane(pending?.settings ?? settings, position: pending?.goal ?? position)], view: view,
      renderer: renderer, theme: theme.name, speed: speed)
  }

  /// Takes up a session before the first run has started. What is unknown by now, such as a theme that was removed, stays as it is.
  ///
  /// - Parameter keepsLook: Whether the theme and the renderer were asked for and stay.
  /// - Returns: What starts the run and takes it to where it was.
  /// - Throws: `DiffusionError` if a run cannot be had here; nothing is changed then.
  package mutating func resume(_ session: SavedSession, keepsTheme: Bool, keepsRenderer: Bool) throws -> [Effect] {
    guard let pane = session.panes.first else { return start() }
    let settings = try pane.settings(like: settings, maximumSteps: numTrainTimesteps)
    if !keepsTheme { themeIndex = themes.firstIndex { $0.name == session.theme } ?? themeIndex }
    if !keepsRenderer { renderer = ImageRendererKind(rawValue: session.renderer) ?? renderer }
    view = TensorView.allCases.first { $0.shortLabel == session.view } ?? view
    speed = PlaybackSpeed(named: session.speed) ?? speed
    let effects = start(settings)
    pending?.goal = pane.position
    return effects
  }
}
