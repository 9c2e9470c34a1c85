/// A layer shown over the runs, one of the stack in ``State/layers``. The top layer gets the keys, the mouse, pasted
/// text, the footer and Esc, and passes what it does not use to the layer below.
package enum Layer: Sendable, Equatable {
  /// A lesson's text, beside its runs.
  case lesson(OpenLesson)
  /// Three pictures of a step in place of one.
  case threeUp(ThreeUpSubject)
  /// The attention to each token of the prompt in place of the pictures.
  case attention(AttentionChoice)
  /// A region of the pictures, or a selected pixel.
  case zoom(Viewport)
  /// The images of many seeds in place of the runs.
  case gallery
  /// The grid of a sweep in place of the runs.
  case sweep
  /// The list of keys, scrolled to a line.
  case help(scroll: Int)
  /// A search of help, with the text typed so far.
  case search(String)
  /// A setting that is being edited in place.
  case editor(Editor)
  /// A variation that is being edited in place.
  case variation(VariationEditor)
  /// A branch that is being set up.
  case branch(BranchEditor)
  /// The menu of files that can be written.
  case exports(ExportMenu)
  /// The command palette.
  case palette(CommandPalette)
  /// The list of lessons to choose from.
  case lessonList(LessonList)
  /// A file that is being written.
  case writing(ExportTask)
  /// A model that is being downloaded.
  case download(Download)

  /// The kind of a layer, without its contents. There is at most one layer of each kind.
  package enum Kind: Sendable, Hashable, CaseIterable {
    case lesson, threeUp, attention, zoom, gallery, sweep, help, search, editor, variation, branch, exports, palette,
      lessonList, writing, download
  }

  /// Its kind.
  package var kind: Kind {
    switch self {
    case .lesson: .lesson
    case .threeUp: .threeUp
    case .attention: .attention
    case .zoom: .zoom
    case .gallery: .gallery
    case .sweep: .sweep
    case .help: .help
    case .search: .search
    case .editor: .editor
    case .variation: .variation
    case .branch: .branch
    case .exports: .exports
    case .palette: .palette
    case .lessonList: .lessonList
    case .writing: .writing
    case .download: .download
    }
  }
}

extension Layer.Kind {
  /// Whether it takes no key but Esc, and leaves all others to the layers beneath: something that goes on meanwhile.
  var isTask: Bool { self == .writing || self == .download }

  /// Whether it takes every key, because the user types or chooses something in it.
  package var isModal: Bool {
    switch self {
    case .search, .editor, .variation, .branch, .exports, .palette, .lessonList: true
    case .lesson, .threeUp, .attention, .zoom, .gallery, .sweep, .help, .writing, .download: false
    }
  }

  /// Whether help stays open beneath it. Any other layer is drawn in its place and closes it.
  var isSeenOverHelp: Bool {
    switch self {
    case .search, .exports, .palette, .writing, .download: true
    case .lesson, .threeUp, .attention, .zoom, .gallery, .sweep, .help, .editor, .variation, .branch, .lessonList: false
    }
  }

  /// Whether it is restored when a lesson is left or a session is resumed.
  var isKept: Bool {
    switch self {
    case .threeUp, .attention, .zoom, .gallery: true
    case .lesson, .sweep, .help, .search, .editor, .variation, .branch, .exports, .palette, .lessonList, .writing,
      .download:
      false
    }
  }
}

extension State {
  /// The top layer; nil if only the runs are shown.
  package var topLayer: Layer? { layers.last }

  /// Whether the top layer takes every key. What goes on meanwhile takes none.
  package var isModal: Bool { layers.last { !$0.kind.isTask }?.kind.isModal ?? false }

  /// Whether a key closes the top layer: Esc where text is typed, elsewhere the key bound to it.
  func isClosing(_ key: Key) -> Bool {
    isModal ? key == .escape : keyMap.action(for: key) == .program(.dismiss)
  }

  /// Whether a layer of a kind is open.
  package func isOpen(_ kind: Layer.Kind) -> Bool { layers.contains { $0.kind == kind } }

  /// Opens a layer on top of all others, or updates it and moves it to the top.
  mutating func open(_ layer: Layer) {
    close(layer.kind)
    if !layer.kind.isSeenOverHelp { close(.help) }
    layers.append(layer)
  }

  /// Closes the layer of a kind, wherever it is in the stack.
  mutating func close(_ kind: Layer.Kind) { layers.removeAll { $0.kind == kind } }

  /// Updates a layer's contents in place; does nothing if no layer of its kind is open.
  mutating func update(_ layer: Layer) {
    if let index = layers.firstIndex(where: { $0.kind == layer.kind }) { layers[index] = layer }
  }
}

/// The contents of the layers; nil for those that are not open.
extension State {
  /// The open lesson.
  package var lesson: OpenLesson? { held { if case .lesson(let lesson) = $0 { lesson } else { nil } } }
  /// What three pictures show in place of one.
  package var threeUpSubject: ThreeUpSubject? {
    held { if case .threeUp(let subject) = $0 { subject } else { nil } }
  }
  /// The token whose attention is chosen.
  package var attentionChoice: AttentionChoice? {
    held { if case .attention(let choice) = $0 { choice } else { nil } }
  }
  /// Whether attention is shown: three pictures that lie on it are shown in its place.
  package var showsAttention: Bool { layers.last { [.threeUp, .attention].contains($0.kind) }?.kind == .attention }
  /// The selected region of the pictures and the selected pixel.
  package var zoom: Viewport? { held { if case .zoom(let viewport) = $0 { viewport } else { nil } } }
  /// The first visible line of help.
  package var helpScroll: Int? { held { if case .help(let scroll) = $0 { scroll } else { nil } } }
  /// The text that help is searched for; nil without a search.
  package var helpSearch: String? { held { if case .search(let text) = $0 { text } else { nil } } }
  /// The setting that is being edited.
  package var editor: Editor? { held { if case .editor(let editor) = $0 { editor } else { nil } } }
  /// The variation that is being edited.
  package var variationEditor: VariationEditor? {
    held { if case .variation(let editor) = $0 { editor } else { nil } }
  }
  /// The branch that is being set up.
  package var branchEditor: BranchEditor? { held { if case .branch(let editor) = $0 { editor } else { nil } } }
  /// The menu of files that can be written.
  package var exportMenu: ExportMenu? { held { if case .exports(let menu) = $0 { menu } else { nil } } }
  /// The command palette.
  package var palette: CommandPalette? { held { if case .palette(let palette) = $0 { palette } else { nil } } }
  /// The list of lessons.
  package var lessonList: LessonList? { held { if case .lessonList(let list) = $0 { list } else { nil } } }
  /// The file that is being written.
  package var exportTask: ExportTask? { held { if case .writing(let task) = $0 { task } else { nil } } }
  /// The model that is being downloaded.
  package var download: Download? { held { if case .download(let download) = $0 { download } else { nil } } }

  /// Whether the gallery is on the screen.
  public var isInGallery: Bool { isOpen(.gallery) }

  private func held<Content>(_ content: (Layer) -> Content?) -> Content? {
    for layer in layers {
      if let content = content(layer) { return content }
    }
    return nil
  }
}
