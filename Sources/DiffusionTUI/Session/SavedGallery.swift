import DiffusionCore

/// The saved state of a gallery. Its images are not saved: the same seeds and settings give them again, bit for bit.
package struct SavedGallery: Codable, Sendable, Equatable {
  /// The first of its seeds in decimal digits, since JSON's numbers cannot hold every seed.
  package var first: String
  /// The number of images, from 1.
  package var count: Int
  /// Its prompts; nil for seeds.
  package var prompts: [String]?
  /// The index of the image under the cursor, from 0.
  package var cursor: Int
  /// The marked seeds or prompts.
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
    switch gallery.entries {
    case .seeds(let range): first = range.first.description
    case .prompts(let texts): (first, prompts) = (gallery.request.settings.seeds.first?.description ?? "0", texts)
    }
    count = gallery.entries.count
    cursor = gallery.cursor
    marks = gallery.marks.map { entry in
      switch entry {
      case .seed(let seed): seed.description
      case .prompt(let prompt): prompt
      }
    }
    enlargement = gallery.enlargement
    self.place = place.rawValue
  }

  /// Restores the gallery; numbers out of range are clamped.
  ///
  /// - Parameter request: The model and settings of every image.
  /// - Throws: `DiffusionError` that names an invalid seed.
  package func gallery(_ request: RunRequest) throws -> Gallery {
    let texts = GalleryEntries.unique(prompts ?? []).prefix(SeedRange.maximumCount)
    let entries =
      texts.isEmpty
      ? GalleryEntries.seeds(SeedRange(first: try Seed(parsing: first), count: count)) : .prompts(Array(texts))
    var gallery = Gallery(entries, request: entries.shared(request), at: nil)
    for mark in try marks.map({ entries.arePrompts ? GalleryEntry.prompt($0) : .seed(try Seed(parsing: $0)) }) {
      guard let index = entries.index(of: mark) else { continue }
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
