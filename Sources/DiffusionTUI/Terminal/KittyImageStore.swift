/// Which images the terminal holds, so that each is sent once and freed when no cell needs it.
package struct KittyImageStore: Sendable {
  /// What to write around the update of a frame's cells.
  package struct Update: Sendable, Equatable {
    /// Before it: the images that are new.
    package var before: [UInt8]
    /// After it, when no cell names them any more: the images that are gone.
    package var after: [UInt8]

    package init(before: [UInt8] = [], after: [UInt8] = []) {
      self.before = before
      self.after = after
    }
  }

  private let graphics: KittyGraphics
  /// The content of each number that the terminal holds.
  private var held: [Int: UInt64] = [:]

  package init(graphics: KittyGraphics) { self.graphics = graphics }

  /// What brings the terminal from the images that it holds to those of a frame.
  package mutating func update(to images: [PlacedImage]) -> Update {
    var update = Update()
    for image in images where held[image.identifier] != image.hash {
      update.before += graphics.upload(image)
      held[image.identifier] = image.hash
    }
    let needed = Set(images.map(\.identifier))
    for identifier in held.keys.sorted() where !needed.contains(identifier) {
      update.after += graphics.delete(identifier)
      held[identifier] = nil
    }
    return update
  }

  /// What frees every image, whether held or not, even where an image is cut short by it.
  package var reset: [UInt8] { Array("\u{1B}\\".utf8) + graphics.deleteAll }

  /// What frees them all; nothing where there are none.
  package mutating func removeAll() -> [UInt8] {
    defer { held.removeAll() }
    return held.keys.sorted().flatMap(graphics.delete)
  }
}
