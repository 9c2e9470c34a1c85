import DiffusionCore

/// The gallery as it is remembered. Its images are not kept: the same seeds and settings give them again, bit for bit.
package struct SavedGallery: Codable, Sendable, Equatable {
  /// The first of its seeds in decimal digits; JSON's numbers do not hold them all.
  package var first: String
  /// How many seeds it has, from 1.
  package var count: Int
  /// Which of them the keys were for, from 0.
  package var cursor: Int
  /// The seeds that were marked.
  package var marks: [String]
  /// How much larger images were wanted than the screen would choose, in sizes.
  package var enlargement: Int
  /// Where it was, by ``Place``.
  package var place: String

  /// Where a gallery is.
  package enum Place: String, Sendable {
    /// On the screen.
    case shown
    /// Behind a run that was opened from it: Esc comes back.
    case behind
    /// Left; what was marked is kept.
    case left
  }

  /// Remembers a gallery.
  package init(_ gallery: Gallery, place: Place) {
    first = gallery.range.first.description
    count = gallery.range.count
    cursor = gallery.cursor
    marks = gallery.marks.map(\.description)
    enlargement = gallery.enlargement
    self.place = place.rawValue
  }

  /// The same again; numbers that are out of range become the nearest that are not.
  ///
  /// - Parameter request: What every seed runs with.
  /// - Throws: `DiffusionError` that names a seed that is none.
  package func gallery(_ request: RunRequest) throws -> Gallery {
    let range = SeedRange(first: try Seed(parsing: first), count: count)
    var gallery = Gallery(range, request: request.ofGallery, at: nil)
    for mark in try marks.map(Seed.init(parsing:)) {
      guard let index = range.index(of: mark) else { continue }
      gallery.move(to: index)
      if !gallery.marks.contains(mark) { _ = gallery.toggleMark() }
    }
    gallery.move(to: cursor)
    gallery.enlargement = max(-Self.mostSizes, min(Self.mostSizes, enlargement))
    gallery.isBehind = place == Place.behind.rawValue
    return gallery
  }

  /// Whether it was on the screen.
  package var isShown: Bool { place == Place.shown.rawValue }

  /// More sizes than any screen has.
  private static let mostSizes = 16
}
