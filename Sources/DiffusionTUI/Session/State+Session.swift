import DiffusionCore

extension State {
  /// The session to save.
  ///
  /// - Parameters:
  ///   - model: The session's model: the one that the explorer was opened with.
  ///   - name: Returns the name of a model in the file.
  ///   - picture: Returns the name of a picture in the file.
  package func savedSession(
    of model: ModelReference = .demo, name: (ModelReference) -> String = \.name,
    picture: (PictureReference) -> PictureReference = { $0 }
  ) -> SavedSession {
    // A lesson is not saved; the state from before it is.
    let state = withoutLesson
    let panes = state.panes.map { pane in
      var own = pane.latestRequest
      own.settings.initImage = own.settings.initImage.map(picture)
      return SavedPane(own.settings, model: own.model == model ? nil : name(own.model), position: pane.latestPosition)
    }
    return SavedSession(
      model: name(model), panes: panes,
      focus: state.focus, reference: state.compare.reference, link: state.compare.link, paneView: state.compare.view,
      view: state.view,
      renderer: display.renderer, theme: theme.name, speed: playback.speed, inspection: SavedInspection(state),
      gallery: state.gallery.map { SavedGallery($0, place: state.placeOfGallery) },
      lessons: state.lessonPlaces == LessonPlaces() ? nil : state.lessonPlaces,
      prompts: promptHistory.prompts.isEmpty ? nil : promptHistory.prompts)
  }

  /// Restores a session before the first run has started. Unknown values, such as a theme that was removed, keep the
  /// current setting.
  ///
  /// - Parameters:
  ///   - session: The saved session.
  ///   - keepsTheme: Whether the theme was requested explicitly and stays.
  ///   - keepsRenderer: Whether the renderer was requested explicitly and stays.
  /// - Returns: The effects that start the runs and take them to their saved positions.
  /// - Throws: `DiffusionError` if a run is not possible here; nothing is changed then.
  package mutating func resume(_ session: SavedSession, keepsTheme: Bool, keepsRenderer: Bool) throws -> [Effect] {
    let own = pane.request.model
    let runs = try session.panes.map { pane in
      RunRequest(
        model: pane.model.map { ModelReference($0) } ?? own,
        settings: try pane.settings(like: settings))
    }
    guard !runs.isEmpty else { return start() }
    let focus = runs.prefix(Self.maximumPanes).indices.contains(session.focus) ? session.focus : 0
    gallery = try session.gallery?.gallery(runs[focus])
    panes = runs.prefix(Self.maximumPanes).map { Pane($0) }
    self.focus = focus
    compare.reference = session.reference.flatMap { panes.indices.contains($0) ? $0 : nil } ?? 0
    compare.link = session.link.flatMap(CursorLink.init(rawValue:)) ?? .step
    compare.view = session.paneView.flatMap(PaneView.init(rawValue:)) ?? .values
    if !keepsTheme { display.pickTheme(session.theme) }
    if !keepsRenderer { display.renderer = ImageRendererKind(rawValue: session.renderer) ?? display.renderer }
    view = TensorView.allCases.first { $0.shortLabel == session.view } ?? view
    playback.speed = PlaybackSpeed(named: session.speed) ?? playback.speed
    inspection = session.inspection?.inspection ?? inspection
    lessonPlaces = session.lessons ?? lessonPlaces
    promptHistory.note(session.prompts ?? [])
    layers = session.inspection?.layers ?? []
    if session.gallery?.isShown == true { open(.gallery) }
    let starts = panes.indices.flatMap { index in
      start(panes[index].request, in: index, goal: .step(session.panes[index].position))
    }
    for index in panes.indices { panes[index].restoredPosition = session.panes[index].position }
    return starts + resumeGallery()
  }

  private var placeOfGallery: SavedGallery.Place { isInGallery ? .shown : returnsToGallery ? .behind : .left }
}
