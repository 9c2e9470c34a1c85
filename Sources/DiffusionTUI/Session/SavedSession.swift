import DiffusionCore

/// Where a person was when they quit: every run, and how the screen was set.
package struct SavedSession: Codable, Sendable, Equatable {
  /// The model: its Hub id, the folder's absolute path, or the demo model's name.
  package var model: String
  /// The runs side by side, from 1 to ``mostPanes``.
  package var panes: [SavedPane]
  /// Which of them the keys went to, from 0.
  package var focus: Int
  /// Which of them the others were compared with; nil for none.
  package var reference: Int?
  /// What their cursors had in common, by ``CursorLink``; nil is `step`.
  package var link: String?
  /// Whether pictures or differences were shown, by ``PaneView``; nil is `values`.
  package var paneView: String?
  /// Which tensor was shown, by its command's word.
  package var view: String
  /// How pictures were drawn, as `--renderer` takes it.
  package var renderer: String
  /// The theme's name.
  package var theme: String
  /// How fast playback was, as the command `speed` takes it.
  package var speed: String
  /// How pictures were looked at, and what was beside them; nil where it was not remembered.
  package var inspection: SavedInspection?
  /// The gallery; nil where there was none.
  package var gallery: SavedGallery?

  /// How many runs there can be side by side.
  package static let mostPanes = 8

  private enum CodingKeys: String, CodingKey {
    case model, panes, focus, reference, link, view, renderer, theme, speed, inspection, gallery
    case paneView = "pane_view"
  }

  /// Describes a session.
  package init(
    model: String, panes: [SavedPane], focus: Int = 0, reference: Int? = nil, link: CursorLink = .step,
    paneView: PaneView = .values, view: TensorView, renderer: ImageRendererKind, theme: String, speed: PlaybackSpeed,
    inspection: SavedInspection? = nil, gallery: SavedGallery? = nil
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
  }

  /// Refuses a session whose parts do not fit each other.
  ///
  /// - Throws: `DiffusionError` (`badData`) that names the key.
  package func validate() throws {
    guard (1...Self.mostPanes).contains(panes.count) else {
      throw DiffusionError(.badData, "panes has \(panes.count) entries: expected 1 to \(Self.mostPanes)")
    }
    for (name, index) in [("focus", focus), ("reference", reference ?? 0)] where !panes.indices.contains(index) {
      throw DiffusionError(.badData, "\(name) is \(index): expected 0 to \(panes.count - 1)")
    }
  }
}
