import DiffusionCore

/// The state of the explorer as it is saved while one works, and at the end: every run, and the settings of the screen.
package struct SavedSession: Codable, Sendable, Equatable {
  /// The model: its Hub id, the folder's absolute path, or the demo model's name.
  package var model: String
  /// The runs side by side, from 1 to ``PaneLimit/panes``.
  package var panes: [SavedPane]
  /// The index of the focused run, from 0.
  package var focus: Int
  /// The index of the reference run; nil for none.
  package var reference: Int?
  /// The way in which cursors were linked, a raw value of ``CursorLink``; nil is `step`.
  package var link: String?
  /// Whether pictures or differences were shown, a raw value of ``PaneView``; nil is `values`.
  package var paneView: String?
  /// The tensor that was shown, by the word of its command.
  package var view: String
  /// The image renderer, as `--renderer` takes it.
  package var renderer: String
  /// The name of the theme.
  package var theme: String
  /// The playback speed, as the command `speed` takes it.
  package var speed: String
  /// The view of the pictures, and what was beside them; nil if it was not saved.
  package var inspection: SavedInspection?
  /// The gallery; nil where there was none.
  package var gallery: SavedGallery?
  /// Where lessons were left; nil where none was.
  package var lessons: LessonPlaces?
  /// The prompts that were tried, oldest first; nil where none was.
  package var prompts: [String]?

  private enum CodingKeys: String, CodingKey {
    case model, panes, focus, reference, link, view, renderer, theme, speed, inspection, gallery, lessons, prompts
    case paneView = "pane_view"
  }

  /// Creates a session.
  package init(
    model: String, panes: [SavedPane], focus: Int = 0, reference: Int? = nil, link: CursorLink = .step,
    paneView: PaneView = .values, view: TensorView, renderer: ImageRendererKind, theme: String, speed: PlaybackSpeed,
    inspection: SavedInspection? = nil, gallery: SavedGallery? = nil, lessons: LessonPlaces? = nil,
    prompts: [String]? = nil
  ) {
    self.model = model
    self.panes = panes
    self.focus = focus
    self.reference = reference
    self.link = link.rawValue
    self.paneView = paneView.rawValue
    self.view = view.shortLabel
    self.renderer = renderer.rawValue
    self.theme = theme
    self.speed = speed.name
    self.inspection = inspection
    self.gallery = gallery
    self.lessons = lessons
    self.prompts = prompts
  }

  /// Checks that the parts of the session fit together.
  ///
  /// - Throws: `DiffusionError` (`badData`) that names the key.
  package func validate() throws {
    guard (1...PaneLimit.panes).contains(panes.count) else {
      throw DiffusionError(.badData, "panes has \(panes.count) entries: expected 1 to \(PaneLimit.panes)")
    }
    for (name, index) in [("focus", focus), ("reference", reference ?? 0)] where !panes.indices.contains(index) {
      throw DiffusionError(.badData, "\(name) is \(index): expected 0 to \(panes.count - 1)")
    }
  }
}
