/// What people ask for to see the gallery. What its keys mean while it is open is not in the table.
public enum GalleryAction: FeatureAction {
  /// Show the final images of many seeds.
  case open

  package static let chapter = KeyBinding.Chapter.compare
  package var action: Action { .gallery(self) }

  package var row: KeyRow {
    switch self {
    case .open:
      KeyRow(.character("G"), name: "gallery", label: "gallery", help: "the final images of many seeds", rank: 12)
    }
  }
}
