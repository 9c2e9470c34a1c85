import DiffusionCore
import Lessons

/// Everything the explorer knows. ``reduce(_:_:)`` changes it; ``view(_:size:capabilities:theme:)`` draws it.
public struct State: Sendable, Equatable {
  /// How large the screen is.
  public package(set) var size: Size
  /// What the screen can show.
  public package(set) var capabilities: TerminalCapabilities
  /// The models that were named or opened: the demo model, then in the order in which they came.
  package internal(set) var models: [ModelReference]
  /// The most steps that can be asked for where no run tells.
  let usualTrainTimesteps: Int
  /// The themes that can be picked.
  public let themes: [Theme]
  /// The keys and what they ask for.
  package var keyMap = KeyMap.standard
  /// Whether the mouse is the explorer's, and not the terminal's.
  package var capturesMouse = true
  package var themeIndex: Int
  package var renderer: ImageRendererKind
  package var view = TensorView.sample
  package var speed = PlaybackSpeed.unlimited

  /// The runs side by side, at least one.
  public package(set) var panes: [Pane]
  /// The pane that settings and single keys are for; always one of ``panes``.
  public package(set) var focus = 0
  /// The pane that the others are compared with; always one of ``panes``.
  public package(set) var reference = 0
  /// Which panes move together.
  public package(set) var link = CursorLink.step
  /// What the pictures of several panes show.
  public package(set) var paneView = PaneView.values
  /// How pictures are looked at, and what is beside them.
  public package(set) var inspection = Inspection()
  package var lastRunNumber = 0
  package var isPlaying = false

  package var editor: Editor?
  /// The part of the screen where the mouse's button went down; nil while none is held.
  package var grabbed: HitMap.Region?
  /// The variation that is being edited; nil while none is.
  package var variationEditor: VariationEditor?
  /// The images of many seeds; nil before the first gallery.
  public package(set) var gallery: Gallery?
  package var galleryStore = GalleryStore()
  package var galleryBatch = GalleryBatch()
  /// The line to type a command in; nil while it is closed.
  package var palette: CommandPalette?
  /// What can be written to a file; nil while it is closed.
  package var exportMenu: ExportMenu?
  /// The file that is being written.
  package var exportTask: ExportTask?
  var lastExportNumber = 0
  /// The file that the focused run's receipt is kept in; nil while none is asked for.
  package internal(set) var receipt: KeptReceipt?
  /// The first line of help that is shown; nil while help is closed.
  package var helpScroll: Int?
  /// The lessons there are, as TOML by name. They are read when the list opens.
  package var lessonFiles = BuiltInLessons.all
  /// The list of lessons; nil while it is closed.
  package var lessonList: LessonList?
  /// The lesson that is being taken.
  package var lesson: OpenLesson?
  /// What is shown for a projector; nil where there is none.
  package var presenter: Presenter?
  /// One line about what went wrong; the next key press removes it.
  public package(set) var notice: String?
  /// One line about what went well; the next key press removes it.
  public package(set) var news: String?

  /// How many panes there are at most.
  public static let maximumPanes = PaneLimit.panes
  /// How many images the batch of a pane has at most.
  package static let maximumImages = PaneLimit.images

  /// A screen before its first run. Start it by carrying out what ``start()`` returns.
  ///
  /// - Parameters:
  ///   - run: What the first pane asks for.
  ///   - others: What panes beside it ask for; those beyond ``maximumPanes`` are left out.
  ///   - numTrainTimesteps: The most steps that can be asked for where no run tells.
  public init(
    size: Size, capabilities: TerminalCapabilities, run: RunRequest,
    others: [RunRequest] = [], numTrainTimesteps: Int = 1000, themes: [Theme] = ThemeLibrary.builtIn.themes,
    themeName: String? = nil, renderer: ImageRendererKind = .halfBlock, notice: String? = nil
  ) {
    self.size = size
    self.capabilities = capabilities
    usualTrainTimesteps = numTrainTimesteps
    self.themes = themes.isEmpty ? [Theme.plain] : themes
    themeIndex = self.themes.firstIndex { $0.name == themeName } ?? self.themes.firstIndex { $0.name == "dark" } ?? 0
    self.renderer = renderer
    panes = ([run] + others).prefix(Self.maximumPanes).map { Pane($0) }
    models = [.demo]
    self.notice = notice
    for pane in panes { note(pane.initialRequest.model) }
  }

  /// Asks for the first run of every pane.
  public mutating func start() -> [Effect] {
    panes.indices.flatMap { start(panes[$0].request, in: $0, goal: .step(0)) }
  }

  /// The theme in use.
  public var theme: Theme { themes.indices.contains(themeIndex) ? themes[themeIndex] : Theme.plain }

  /// Whether the gallery is on the screen.
  public var isInGallery: Bool { gallery?.place == .shown }

  /// The renderer in use: the one that was picked, or the nearest that the screen can show.
  package var shownRenderer: ImageRendererKind { renderer.shown(on: capabilities) }
}
