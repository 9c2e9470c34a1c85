import DiffusionCore

/// The saved state of a gallery. Its images are not saved: the same seeds and settings give them again, bit for bit.
package struct SavedGallery: Codable, Sendable, Equatable {
  /// The first of its seeds in decimal digits, since JSON's numbers cannot hold every seed.
  package var first: String
  /// The number of seeds, from 1.
  package var count: Int
  /// The index of the seed under the cursor, from 0.
  package var cursor: Int
  /// The marked seeds.
  package var marks: [String]
  /// How much larger the images are than the screen's choice, in sizes.
  package var enlargement: Int
  /// The raw value of its ``Place``.
  package var place: String

  /// The place of a gallery.
  package enum Place: String, Sendable {
    /// On the screen.
    case shown
    /// Behind a run that was opened from it: Esc returns to it.
    case behind
    /// Closed; the marks are kept.
    case left
  }

  /// Saves a gallery.
  package init(_ gallery: Gallery, place: Place) {
    first = gallery.range.first.description
    count = gallery.range.count
    cursor = gallery.cursor
    marks = gallery.marks.map(\.description)
    enlargement = gallery.enlargement
    self.place = place.rawValue
  }

  /// Restores the gallery; numbers out of range are clamped.
  ///
  /// - Parameter request: The model and settings of every seed.
  /// - Throws: `DiffusionError` that names an invalid seed.
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
