import DiffusionCore
import Lessons

/// The whole state of the explorer. ``reduce(_:_:)`` changes it; ``view(_:size:capabilities:theme:)`` draws it.
public struct State: Sendable, Equatable {
  /// The size of the screen.
  public package(set) var size: Size
  /// The capabilities of the terminal.
  public package(set) var capabilities: TerminalCapabilities
  /// The models that were named or opened: the demo models, then the others in the order in which they appeared.
  package internal(set) var models: [ModelReference]
  /// The maximum number of steps where no run provides one.
  let usualTrainTimesteps: Int
  /// The keys and their actions.
  package var keyMap = KeyMap.standard
  /// Who owns the mouse, and what it is dragging.
  package var pointer = Pointer()
  /// How the screen is drawn.
  package var display: Display
  /// The tensor of a step that is shown.
  package var view = TensorView.sample
  /// Whether playback is on, and its speed.
  package var playback = Playback()

  /// The runs side by side, at least one.
  public package(set) var panes: [Pane]
  /// The pane that settings and single keys apply to; always one of ``panes``.
  public package(set) var focus = 0
  /// How the panes are compared and linked.
  public package(set) var compare = Compare()
  /// How pictures are shown, and the page beside them.
  public package(set) var inspection = Inspection()
  package var lastRunNumber = 0
  /// The settings before each change, to take changes back.
  var settingHistory = SettingHistory()
  /// The devices of the machine.
  package var devices = DeviceList()
  /// Whether a seed was requested and has not been drawn yet.
  var isDrawingSeed = false

  /// The layers over the runs, lowest first.
  package internal(set) var layers: [Layer] = []
  /// The images of many seeds; nil before the first gallery.
  public package(set) var gallery: Gallery?
  /// The images computed for galleries, and those being computed.
  package var galleryImages = GalleryImages()
  /// The grid of a sweep; nil if none was opened.
  public package(set) var sweep: SweepBoard?
  /// The latents being decoded.
  package var decoding = Decoding()
  /// The attention maps of steps.
  package var attention = Attention()
  /// The prompts of this session.
  package var promptHistory = PromptHistory()
  /// The files being written.
  var exports = Exports()
  /// The available lessons, as TOML by name. They are parsed when the list opens.
  package var lessonFiles = BuiltInLessons.all
  /// Where lessons were left.
  package var lessonPlaces = LessonPlaces()
  /// One line about a failure; the next key press clears it.
  public package(set) var notice: String?
  /// One line about a success; the next key press clears it.
  public package(set) var news: String?

  /// The maximum number of panes.
  public static let maximumPanes = PaneLimit.panes
  /// The maximum number of images in a pane's batch.
  package static let maximumImages = PaneLimit.images

  /// Creates a screen before its first run. Carry out the effects that ``start()`` returns to start it.
  ///
  /// - Parameters:
  ///   - run: The request of the first pane.
  ///   - others: The requests of further panes; those beyond ``maximumPanes`` are ignored.
  ///   - numTrainTimesteps: The maximum number of steps where no run provides one.
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
    models = [.demo, .promptDemo]
    self.notice = notice
    for pane in panes {
      note(pane.initialRequest.model)
      promptHistory.note(pane.initialRequest.settings.prompts)
    }
  }

  /// Requests the first run of every pane.
  public mutating func start() -> [Effect] {
    panes.indices.flatMap { start(panes[$0].request, in: $0, goal: .step(0)) }
  }
}
