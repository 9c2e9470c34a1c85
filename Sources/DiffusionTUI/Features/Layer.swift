/// Something that lies over the runs. ``State/layers`` is the one stack of them: what lies on top has the keys, the
/// mouse, what is pasted, the footer and Esc, and passes on what it does not use to what lies beneath.
package enum Layer: Sendable, Equatable {
  /// A lesson's text beside the runs that it is about.
  case lesson(OpenLesson)
  /// x_t, the predicted original and the predicted noise in place of one picture.
  case threeUp
  /// A part of the pictures, or a pixel that is pointed at.
  case zoom(Viewport)
  /// The images of many seeds in place of the runs.
  case gallery
  /// Every key, from a line on.
  case help(scroll: Int)
  /// A setting that is edited in place.
  case editor(Editor)
  /// A variation that is edited in place.
  case variation(VariationEditor)
  /// What can be written to a file.
  case exports(ExportMenu)
  /// The line to type a command in.
  case palette(CommandPalette)
  /// The lessons to choose from.
  case lessonList(LessonList)
  /// A file that is being written.
  case writing(ExportTask)

  /// What a layer is, whatever it holds. Of each kind there is one layer at most.
  package enum Kind: Sendable, Hashable, CaseIterable {
    case lesson, threeUp, zoom, gallery, help, editor, variation, exports, palette, lessonList, writing
  }

  /// What it is.
  package var kind: Kind {
    switch self {
    case .lesson: .lesson
    case .threeUp: .threeUp
    case .zoom: .zoom
    case .gallery: .gallery
    case .help: .help
    case .editor: .editor
    case .variation: .variation
    case .exports: .exports
    case .palette: .palette
    case .lessonList: .lessonList
    case .writing: .writing
    }
  }
}

extension Layer.Kind {
  /// Whether it keeps every key for itself: something is typed there, or chosen.
  package var isModal: Bool {
    switch self {
    case .editor, .variation, .exports, .palette, .lessonList: true
    case .lesson, .threeUp, .zoom, .gallery, .help, .writing: false
    }
  }

  /// Whether help stays open beneath it; what is drawn where help is takes its place.
  var isSeenOverHelp: Bool {
    switch self {
    case .exports, .palette, .writing: true
    case .lesson, .threeUp, .zoom, .gallery, .help, .editor, .variation, .lessonList: false
    }
  }

  /// Whether a lesson that is left comes back to it, and a session that is resumed.
  var isKept: Bool {
    switch self {
    case .threeUp, .zoom, .gallery: true
    case .lesson, .help, .editor, .variation, .exports, .palette, .lessonList, .writing: false
    }
  }
}

extension State {
  /// What lies on top; nil where the runs are all there is.
  package var topLayer: Layer? { layers.last }

  /// Whether what lies on top keeps every key for itself. A file that is being written takes none.
  package var isModal: Bool { layers.last { $0.kind != .writing }?.kind.isModal ?? false }

  /// Whether a layer of a kind is open.
  package func isOpen(_ kind: Layer.Kind) -> Bool { layers.contains { $0.kind == kind } }

  /// Opens a layer on top of all others, or brings it there with what it holds now.
  mutating func open(_ layer: Layer) {
    close(layer.kind)
    if !layer.kind.isSeenOverHelp { close(.help) }
    layers.append(layer)
  }

  /// Closes the layer of a kind, wherever it lies.
  mutating func close(_ kind: Layer.Kind) { layers.removeAll { $0.kind == kind } }

  /// Changes what a layer holds where it lies; nothing where none of its kind is open.
  mutating func update(_ layer: Layer) {
    if let index = layers.firstIndex(where: { $0.kind == layer.kind }) { layers[index] = layer }
  }
}

/// What the layers hold; nil where they are not open.
extension State {
  /// The lesson that is being taken.
  package var lesson: OpenLesson? { held { if case .lesson(let lesson) = $0 { lesson } else { nil } } }
  /// The part of the pictures that is shown and the pixel that is pointed at, as they were chosen.
  package var zoom: Viewport? { held { if case .zoom(let viewport) = $0 { viewport } else { nil } } }
  /// The first line of help that is shown.
  package var helpScroll: Int? { held { if case .help(let scroll) = $0 { scroll } else { nil } } }
  /// The setting that is being edited.
  package var editor: Editor? { held { if case .editor(let editor) = $0 { editor } else { nil } } }
  /// The variation that is being edited.
  package var variationEditor: VariationEditor? {
    held { if case .variation(let editor) = $0 { editor } else { nil } }
  }
  /// What can be written to a file.
  package var exportMenu: ExportMenu? { held { if case .exports(let menu) = $0 { menu } else { nil } } }
  /// The line to type a command in.
  package var palette: CommandPalette? { held { if case .palette(let palette) = $0 { palette } else { nil } } }
  /// The list of lessons.
  package var lessonList: LessonList? { held { if case .lessonList(let list) = $0 { list } else { nil } } }
  /// The file that is being written.
  package var exportTask: ExportTask? { held { if case .writing(let task) = $0 { task } else { nil } } }

  /// Whether the gallery is on the screen.
  public var isInGallery: Bool { isOpen(.gallery) }

  private func held<Content>(_ content: (Layer) -> Content?) -> Content? {
    for layer in layers {
      if let content = content(layer) { return content }
    }
    return nil
  }
}
