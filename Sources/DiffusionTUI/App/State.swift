import DiffusionCore

/// Everything the explorer knows. ``reduce(_:_:)`` changes it; ``view(_:size:capabilities:theme:)`` draws it.
public struct State: Sendable, Equatable {
  /// How large the screen is.
  public package(set) var size: Size
  /// What the screen can show.
  public package(set) var capabilities: TerminalCapabilities
  /// The model's name, for the header.
  public let modelName: String
  /// The most steps that can be asked for: the scheduler's `num_train_timesteps`.
  public let numTrainTimesteps: Int
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

  /// The run on the screen; nil until the first one has started.
  public package(set) var run: ShownRun?
  package var pending: PendingRun?
  package var lastRunNumber = 0
  package var initialSettings: RunSettings

  /// How many steps the picture on the screen has behind it.
  public package(set) var position = 0
  /// The position to reach. Beyond `position` while steps are queued.
  package var goal = 0
  package var isPlaying = false
  package var isComputing = false
  package var progress: ForwardProgress?

  package var editor: Editor?
  /// The line to type a command in; nil while it is closed.
  package var palette: CommandPalette?
  /// The first line of help that is shown; nil while help is closed.
  package var helpScroll: Int?
  /// One line about what went wrong; the next key press removes it.
  public package(set) var notice: String?

  /// A screen before its first run. Start it by carrying out what ``start()`` returns.
  public init(
    size: Size, capabilities: TerminalCapabilities, modelName: String, settings: RunSettings,
    numTrainTimesteps: Int = 1000, themes: [Theme] = ThemeLibrary.builtIn.themes, themeName: String? = nil,
    renderer: ImageRendererKind = .halfBlock, notice: String? = nil
  ) {
    self.size = size
    self.capabilities = capabilities
    self.modelName = modelName
    self.numTrainTimesteps = numTrainTimesteps
    self.themes = themes.isEmpty ? [Theme.plain] : themes
    themeIndex = self.themes.firstIndex { $0.name == themeName } ?? self.themes.firstIndex { $0.name == "dark" } ?? 0
    self.renderer = renderer
    initialSettings = settings
    self.notice = notice
  }

  /// Asks for the first run.
  public mutating func start() -> [Effect] { start(settings) }

  /// The settings of the run on the screen.
  public var settings: RunSettings { run?.description.settings ?? initialSettings }
  /// How many steps are done.
  public var completedSteps: Int { run?.history.count ?? 0 }
  /// How many steps there are: the scheduler's number, or the one asked for until it is known.
  public var stepCount: Int { run?.stepCount ?? initialSettings.steps }
  /// The theme in use.
  public var theme: Theme { themes.indices.contains(themeIndex) ? themes[themeIndex] : Theme.plain }
  /// Whether an answer is awaited or playback goes on. A snapshot waits until this is false.
  public var isBusy: Bool { isComputing || pending != nil || isPlaying || goal > position }

  /// The renderer in use: the ASCII ramp wherever half blocks cannot be shown.
  package var shownRenderer: ImageRendererKind {
    capabilities.unicode && capabilities.colorTier > .mono ? renderer : .asciiRamp
  }
}
