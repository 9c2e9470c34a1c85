import DiffusionCore

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

/// The final images of a range of seeds: which are shown, where the cursor is, and which are marked.
public struct Gallery: Sendable, Equatable {
  /// The seeds.
  public package(set) var range: SeedRange
  /// What every one runs with; the seed in it is not looked at.
  package var request: RunRequest
  /// Which image keys are for, from 0.
  public package(set) var cursor = 0
  /// The seeds that are marked, in the order of the gallery.
  public package(set) var marks: [Seed] = []
  /// Whether it is behind a run that was opened from it: Esc comes back to it.
  package var isBehind = false
  /// How much larger images are wanted than the screen would choose, in sizes; smaller if negative.
  package var enlargement = 0

  /// A gallery with its cursor on a seed, if that is among its own.
  package init(_ range: SeedRange, request: RunRequest, at seed: Seed?) {
    self.range = range
    self.request = request
    cursor = seed.flatMap { range.index(of: $0) } ?? 0
  }

  /// The seed below the cursor.
  public var seed: Seed { seed(at: cursor) }

  /// The seed at a place; the last one beyond the end.
  package func seed(at index: Int) -> Seed {
    let number = range.first.number + Int128(min(max(0, index), range.count - 1))
    return number < 0 ? Seed(Int(number)) : Seed(UInt64(number))
  }

  /// What a seed runs with.
  package func request(of seed: Seed) -> RunRequest {
    var request = request
    request.settings.seeds = [seed]
    return request
  }

  /// Moves the cursor to a place, or as near to it as there is one.
  package mutating func move(to index: Int) { cursor = min(max(0, index), range.count - 1) }

  /// Marks the seed below the cursor, or takes its mark away.
  ///
  /// - Returns: Whether it was possible: no more are marked than fit side by side.
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
