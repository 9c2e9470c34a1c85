import DiffusionCore

/// The actions that open the gallery. The keys with a special meaning in the gallery are not in the table.
public enum GalleryAction: FeatureAction {
  /// Show the final images of many seeds or prompts.
  case open

  package static let chapter = KeyBinding.Chapter.compare
  package var action: Action { .gallery(self) }

  package var row: KeyRow {
    switch self {
    case .open:
      KeyRow(
        .character("G"), name: "gallery", label: "gallery", help: "the final images of many seeds or prompts", rank: 12)
    }
  }
}

/// The final images of many seeds, or of many prompts, with a cursor and marks.
public struct Gallery: Sendable, Equatable {
  /// The seeds or the prompts.
  public package(set) var entries: GalleryEntries
  /// The request that all images share; its own seed, or its prompt, is ignored.
  package var request: RunRequest
  /// The index of the image under the cursor, from 0.
  public package(set) var cursor = 0
  /// The marked entries, in the order of the gallery.
  public package(set) var marks: [GalleryEntry] = []
  /// Whether a run opened from it is on the screen, so that Esc returns to the gallery.
  package var isBehind = false
  /// The number of sizes by which images are larger than the default; negative for smaller.
  package var enlargement = 0

  /// Creates a gallery with its cursor on an entry, if it has that.
  ///
  /// - Parameters:
  ///   - entries: The seeds or the prompts; at least one.
  ///   - request: The request that all images share.
  ///   - entry: The entry under the cursor; nil for the first.
  package init(_ entries: GalleryEntries, request: RunRequest, at entry: GalleryEntry?) {
    self.entries = entries
    self.request = request
    cursor = entry.flatMap { entries.index(of: $0) } ?? 0
  }

  /// The entry under the cursor.
  public var entry: GalleryEntry { entries[cursor] }

  /// The request of an entry.
  package func request(of entry: GalleryEntry) -> RunRequest { entry.request(request) }

  /// Moves the cursor to an index, clamped to the images.
  package mutating func move(to index: Int) { cursor = min(max(0, index), entries.count - 1) }

  /// Marks the entry under the cursor, or unmarks it.
  ///
  /// - Returns: Whether it succeeded: no more can be marked than fit side by side.
  package mutating func toggleMark() -> Bool {
    if let index = marks.firstIndex(of: entry) {
      marks.remove(at: index)
      return true
    }
    guard marks.count < PaneLimit.panes else { return false }
    marks.append(entry)
    marks.sort { entries.index(of: $0) ?? 0 < entries.index(of: $1) ?? 0 }
    return true
  }
}
