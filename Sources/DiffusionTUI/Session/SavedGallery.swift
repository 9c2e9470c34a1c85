import DiffusionCore

/// The saved state of a gallery. Its images are not saved: the same seeds and settings give them again, bit for bit.
package struct SavedGallery: Codable, Sendable, Equatable {
  /// The first of its seeds in decimal digits, since JSON's numbers cannot hold every seed.
  package var first: String
  /// The number of images, from 1.
  package var count: Int
  /// Its prompts; nil for seeds.
  package var prompts: [String]?
  /// Its classes; nil for seeds and prompts.
  package var classes: [String]?
  /// The index of the image under the cursor, from 0.
  package var cursor: Int
  /// The marked seeds, prompts or classes.
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
    case .prompts(let texts): (first, prompts) = (Self.seed(of: gallery), texts)
    case .classes(let labels): (first, classes) = (Self.seed(of: gallery), labels.map(\.description))
    }
    count = gallery.entries.count
    cursor = gallery.cursor
    marks = gallery.marks.map { entry in
      switch entry {
      case .seed(let seed): seed.description
      case .prompt(let prompt): prompt
      case .label(let label): label.description
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
    let entries = try entries
    var gallery = Gallery(entries, request: entries.shared(request), at: nil)
    for text in marks {
      let mark: GalleryEntry? =
        switch entries {
        case .seeds: .seed(try Seed(parsing: text))
        case .prompts: .prompt(text)
        case .classes: ClassLabel(text).map(GalleryEntry.label)
        }
      guard let mark, let index = entries.index(of: mark) else { continue }
      gallery.move(to: index)
      if !gallery.marks.contains(mark) { _ = gallery.toggleMark() }
    }
    gallery.move(to: cursor)
    gallery.enlargement = max(-Self.mostSizes, min(Self.mostSizes, enlargement))
    gallery.isBehind = place == Place.behind.rawValue
    return gallery
  }

  private var entries: GalleryEntries {
    get throws {
      let labels = (classes ?? []).compactMap(ClassLabel.init)
      if !labels.isEmpty { return .classes(Array(GalleryEntries.unique(labels).prefix(SeedRange.maximumCount))) }
      let texts = GalleryEntries.unique(prompts ?? []).prefix(SeedRange.maximumCount)
      return texts.isEmpty
        ? .seeds(SeedRange(first: try Seed(parsing: first), count: count)) : .prompts(Array(texts))
    }
  }

  private static func seed(of gallery: Gallery) -> String { gallery.request.settings.seeds.first?.description ?? "0" }

  /// Whether it was on the screen.
  package var isShown: Bool { place == Place.shown.rawValue }

  /// More sizes than any screen has.
  private static let mostSizes = 16
}
