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
  /// The keys and what they ask for.
  package var keyMap = KeyMap.standard
  /// Whose the mouse is, and what it holds.
  package var pointer = Pointer()
  /// How the screen is drawn.
  package var display: Display
  /// Which tensor of a step is shown.
  package var view = TensorView.sample
  /// Whether steps follow by themselves, and how fast.
  package var playback = Playback()

  /// The runs side by side, at least one.
  public package(set) var panes: [Pane]
  /// The pane that settings and single keys are for; always one of ``panes``.
  public package(set) var focus = 0
  /// How the panes stand to each other.
  public package(set) var compare = Compare()
  /// How pictures are looked at, and what is beside them.
  public package(set) var inspection = Inspection()
  package var lastRunNumber = 0

  /// What lies over the runs, the lowest first.
  package internal(set) var layers: [Layer] = []
  /// The images of many seeds; nil before the first gallery.
  public package(set) var gallery: Gallery?
  /// The images that were computed for galleries, and those that are being computed.
  package var galleryImages = GalleryImages()
  /// What is written to files.
  var exports = Exports()
  /// The lessons there are, as TOML by name. They are read when the list opens.
  package var lessonFiles = BuiltInLessons.all
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
    display = Display(themes: themes, themeName: themeName, renderer: renderer)
    panes = ([run] + others).prefix(Self.maximumPanes).map { Pane($0) }
    models = [.demo]
    self.notice = notice
    for pane in panes { note(pane.initialRequest.model) }
  }

  /// Asks for the first run of every pane.
  public mutating func start() -> [Effect] {
    panes.indices.flatMap { start(panes[$0].request, in: $0, goal: .step(0)) }
  }
}
