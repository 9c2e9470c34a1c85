import DiffusionCore

extension State {
  /// What is worth remembering of the screen.
  ///
  /// - Parameters:
  ///   - model: The session's model: the one that the explorer was opened with.
  ///   - name: What a model is called in the file.
  package func savedSession(
    of model: ModelReference = .demo, name: (ModelReference) -> String = \.name
  ) -> SavedSession {
    // A lesson is not resumed: what was there before it is.
    let state = withoutLesson
    let panes = state.panes.map { pane in
      let own = pane.latestRequest
      return SavedPane(own.settings, model: own.model == model ? nil : name(own.model), position: pane.latestPosition)
    }
    return SavedSession(
      model: name(model), panes: panes,
      focus: state.focus, reference: state.reference, link: state.link, paneView: state.paneView, view: state.view,
      renderer: renderer, theme: theme.name, speed: speed)
  }

  /// Takes up a session before the first run has started. What is unknown by now, such as a theme that was removed, stays as it is.
  ///
  /// - Parameters:
  ///   - keepsTheme: Whether the theme was asked for and stays.
  ///   - keepsRenderer: Whether the renderer was asked for and stays.
  /// - Returns: What starts the run and takes it to where it was.
  /// - Throws: `DiffusionError` if a run cannot be had here; nothing is changed then.
  package mutating func resume(_ session: SavedSession, keepsTheme: Bool, keepsRenderer: Bool) throws -> [Effect] {
    let own = pane.request.model
    let runs = try session.panes.map { pane in
      RunRequest(
        model: pane.model.map { ModelReference($0) } ?? own,
        settings: try pane.settings(like: settings, maximumSteps: usualTrainTimesteps))
    }
    guard !runs.isEmpty else { return start() }
    panes = runs.prefix(Self.maximumPanes).map { Pane($0) }
    focus = panes.indices.contains(session.focus) ? session.focus : 0
    reference = session.reference.flatMap { panes.indices.contains($0) ? $0 : nil } ?? 0
    link = session.link.flatMap(CursorLink.init(rawValue:)) ?? .step
    paneView = session.paneView.flatMap(PaneView.init(rawValue:)) ?? .values
    if !keepsTheme { themeIndex = themes.firstIndex { $0.name == session.theme } ?? themeIndex }
    if !keepsRenderer { renderer = ImageRendererKind(rawValue: session.renderer) ?? renderer }
    view = TensorView.allCases.first { $0.shortLabel == session.view } ?? view
    speed = PlaybackSpeed(named: session.speed) ?? speed
    return panes.indices.flatMap { index in
      start(panes[index].request, in: index, goal: .step(session.panes[index].position))
    }
  }
}
