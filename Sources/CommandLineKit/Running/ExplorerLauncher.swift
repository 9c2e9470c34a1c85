import DiffusionCore
import DiffusionTUI

/// Opens the explorer for a request: on the terminal, as a conversation, or as a snapshot.
public struct ExplorerLauncher: Sendable {
  private let request: ExploreRequest
  private let source: Source
  private let environment: [String: String]
  private let folders: UserFolders
  private let files: FileSystem

  /// Finds a model; throws ``DiffusionError`` that says where it looked.
  public typealias Source = @Sendable (ModelReference) throws -> ModelSource

  /// Makes a launcher.
  ///
  /// - Parameters:
  ///   - request: What was asked for.
  ///   - environment: The process's environment.
  ///   - source: Finds a model; called off the terminal's thread too, when the first run of a model starts.
  public init(request: ExploreRequest, environment: [String: String], source: @escaping Source) {
    self.init(request: request, environment: environment, files: .system(), source: source)
  }

  /// Makes a launcher on some file system.
  package init(
    request: ExploreRequest, environment: [String: String], files: FileSystem, source: @escaping Source
  ) {
    self.request = request
    self.source = source
    self.environment = environment
    self.files = files
    folders = UserFolders(environment: environment)
  }

  /// Opens the explorer on the terminal and returns when it is quit.
  ///
  /// - Throws: ``DiffusionError``: `badData` for config.toml, `usage` for a theme that is not there, `unavailable`
  ///   without a terminal; what keeps a model from being found, or a receipt from being written.
  public func explore() throws {
    try checkModels()
    let setup = try setup()
    var terminal = try NCursesTerminal(
      color: setup.appearance.colorTier, renderer: request.appearance.renderer, environment: environment)
    defer { terminal.close() }
    var state = setup.state(size: terminal.size, capabilities: terminal.capabilities)
    var effects = start(&state)
    if let range = request.gallery { effects += state.openGallery(range) }
    terminal.captureMouse(state.pointer.isCaptured)
    var explorer = Explorer(
      state: state, environment: .system(open: open, keeper: keeper), reduce: { reduce(&$0, $1) },
      view: { view($0, size: $1, capabilities: $2, theme: $0.theme) })
    let end = explorer.run(on: &terminal, effects: effects)
    terminal.close()
    keep(end)
    let receipt = Result { try keepReceipt(end) }
    terminal.passOnSignal()
    try receipt.get()
  }

  /// Reads commands and answers them in sentences, until they end.
  ///
  /// - Parameter runner: Where lines come from and go to.
  /// - Throws: ``DiffusionError``, what keeps the run from starting, or what the runner throws.
  public func plain(_ runner: PlainRunner) throws {
    try checkModels()
    let capabilities = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "--plain")
    let state = try setup().state(size: Size(columns: 80, rows: 24), capabilities: capabilities)
    let player = SnapshotPlayer(
      state: state, engine: PipelineEngine(open: open), drawSeed: RandomSeed.draw, keeper: keeper)
    try keepReceipt(runner.run(PlainSession(player: player)))
  }

  /// Plays keys without a terminal.
  ///
  /// - Parameters:
  ///   - snapshot: The screen and the keys.
  ///   - checkCancellation: Asked before every block of the model; throws to stop there.
  /// - Returns: What the file shall hold.
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func snapshot(
    _ snapshot: SnapshotRequest, checkCancellation: @escaping @Sendable () throws -> Void
  ) throws -> String {
    try checkModels()
    let setup = try setup()
    let tier = setup.appearance.colorTier ?? .trueColor
    let capabilities = TerminalCapabilities(
      colorTier: tier, unicode: true, reason: "snapshot", pixelGraphics: snapshot.format == .svg,
      pixelGraphicsReason: "snapshot as \(snapshot.format.rawValue)")
    var player = SnapshotPlayer(
      state: setup.state(size: snapshot.size, capabilities: capabilities), engine: PipelineEngine(open: open),
      drawSeed: RandomSeed.draw, keeper: keeper, checkCancellation: checkCancellation)
    let frame = try player.play(snapshot.keys)
    if let reason = player.state.withoutLesson.reasonAgainstReceipt {
      throw DiffusionError(.usage, "--receipt: \(reason): add end to --keys")
    }
    try keepReceipt(player.state)
    switch snapshot.format {
    case .svg: return FrameSVG(frame).text
    case .ansi: return FrameANSI(frame, tier: tier).text
    case .txt: return FrameText(frame).text
    }
  }

  private func setup() throws -> ExplorerSetup {
    try ExplorerSetup(request: request, folders: folders, files: files)
  }

  /// Writes files about runs. The model of a run is read again for a receipt.
  private var exporter: ExplorerExporter {
    ExplorerExporter { [source] model, check in
      try ReceiptHeading(source(model), programVersion: ProgramVersion.current, checkCancellation: check)
    }
  }

  private var keeper: Keeper { exporter.keeper }

  /// Writes the receipt that was asked for and is not written yet; where there is none to write, says why.
  private func keepReceipt(_ end: State) throws {
    // What was there before a lesson is kept, as sessions keep it.
    let state = end.withoutLesson
    if let export = state.owedReceipt {
      _ = try exporter.write(export, checkCancellation: {})
    } else if let reason = state.reasonAgainstReceipt {
      try? DescriptorStream.standardError.write("diffusion-tui: \(reason)\n")
    }
  }

  /// Opens models as their first runs ask for them.
  private var open: PipelineEngine.Open {
    { [source] request in
      let settings = request.settings
      return try DiffusionPipeline.load(
        source(request.model), device: settings.device, threads: settings.threads, weights: settings.weights)
    }
  }

  /// A model that is not there is an error of the command line, not of the screen.
  private func checkModels() throws {
    for model in request.models { _ = try source(model).modelIndex() }
  }

  // MARK: - Sessions

  private var store: SessionStore? { folders.sessionFile.map { SessionStore(path: $0, files: files) } }

  /// The first run: a lesson's, or where the last session of the model was, or as the options say.
  private func start(_ state: inout State) -> [Effect] {
    if let lesson = request.lesson {
      let effects = state.begin(lesson)
      return state.lesson == nil ? state.start() : effects
    }
    guard request.resumesSession, let found = store?.load(model: key(request.model)) else { return state.start() }
    if let notice = found.notice { state.notice = notice }
    guard let session = found.session else { return state.start() }
    do {
      return try state.resume(
        session, keepsTheme: request.appearance.theme != nil, keepsRenderer: request.appearance.renderer != nil)
    } catch {
      state.notice = "the last session is not resumed: \(error)"
      return state.start()
    }
  }

  /// Remembers where the explorer was. Not to be able to is worth a line, and no reason to fail.
  private func keep(_ state: State) {
    guard request.savesSession, state.panes.contains(where: { $0.run != nil }), let store else { return }
    do {
      try store.save(state.savedSession(of: request.model, name: key))
    } catch {
      try? DescriptorStream.standardError.write("diffusion-tui: the session is not kept: \(error)\n")
    }
  }

  /// A folder by its absolute path, so that it is the same from wherever it is opened.
  private func key(_ model: ModelReference) -> String {
    model.path.flatMap(SystemCall.absolutePath) ?? model.name
  }
}
