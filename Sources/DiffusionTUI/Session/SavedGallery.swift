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
  /// Where it was, by ``Gallery/Place``.
  package var place: String

  /// Remembers a gallery.
  ///
  /// - Parameter isBehind: Whether the focused run was opened from it, so that Esc goes back to it.
  package init(_ gallery: Gallery, isBehind: Bool) {
    first = gallery.range.first.description
    count = gallery.range.count
    cursor = gallery.cursor
    marks = gallery.marks.map(\.description)
    enlargement = gallery.enlargement
    let place = gallery.place == .behind && !isBehind ? .left : gallery.place
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
    gallery.place = Gallery.Place(rawValue: place) ?? .left
    return gallery
  }

  /// More sizes than any screen has.
  private static let mostSizes = 16
}
