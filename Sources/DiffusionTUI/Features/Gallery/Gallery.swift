import DiffusionCore

/// The actions that open the gallery. The keys with a special meaning in the gallery are not in the table.
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

/// The final images of a range of seeds, with a cursor and marks.
public struct Gallery: Sendable, Equatable {
  /// The seeds.
  public package(set) var range: SeedRange
  /// The request for every seed; its own seed is ignored.
  package var request: RunRequest
  /// The index of the image under the cursor, from 0.
  public package(set) var cursor = 0
  /// The marked seeds, in the order of the gallery.
  public package(set) var marks: [Seed] = []
  /// Whether a run opened from it is on the screen, so that Esc returns to the gallery.
  package var isBehind = false
  /// The number of sizes by which images are larger than the default; negative for smaller.
  package var enlargement = 0

  /// Creates a gallery with its cursor on a seed, if the seed is in the range.
  package init(_ range: SeedRange, request: RunRequest, at seed: Seed?) {
    self.range = range
    self.request = request
    cursor = seed.flatMap { range.index(of: $0) } ?? 0
  }

  /// The seed under the cursor.
  public var seed: Seed { seed(at: cursor) }

  /// The seed at an index; the last one beyond the end.
  package func seed(at index: Int) -> Seed {
    let number = range.first.number + Int128(min(max(0, index), range.count - 1))
    return number < 0 ? Seed(Int(number)) : Seed(UInt64(number))
  }

  /// The request for a seed.
  package func request(of seed: Seed) -> RunRequest {
    var request = request
    request.settings.seeds = [seed]
    return request
  }

  /// Moves the cursor to an index, clamped to the range.
  package mutating func move(to index: Int) { cursor = min(max(0, index), range.count - 1) }

  /// Marks the seed under the cursor, or unmarks it.
  ///
  /// - Returns: Whether it succeeded: no more seeds can be marked than fit side by side.
  package mutating func toggleMark() -> Bool {
    if let index = marks.firstIndex(of: seed) {
      marks.remove(at: index)
      return true
    }
    guard marks.count < PaneLimit.panes else { return false }
    marks.append(seed)
    marks.sort { $0.number < $1.number }
    return true
  }
}
