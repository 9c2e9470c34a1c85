import DiffusionCore
import DiffusionTUI

/// Opens the explorer for a request: on the terminal, as a conversation, or as a snapshot.
public struct ExplorerLauncher: Sendable {
  private let request: ExploreRequest
  private let source: ModelSource
  private let environment: [String: String]
  private let folders: UserFolders
  private let files: FileSystem

  /// Makes a launcher.
  ///
  /// - Parameters:
  ///   - request: What was asked for.
  ///   - source: The model.
  ///   - environment: The process's environment.
  public init(request: ExploreRequest, source: ModelSource, environment: [String: String]) {
    self.init(request: request, source: source, environment: environment, files: .system())
  }

  /// Makes a launcher on some file system.
  package init(request: ExploreRequest, source: ModelSource, environment: [String: String], files: FileSystem) {
    self.request = request
    self.source = source
    self.environment = environment
    self.files = files
    folders = UserFolders(environment: environment)
  }

  /// Opens the explorer on the terminal and returns when it is quit.
  ///
  /// - Parameter load: Opens the model; called off the terminal's thread, so that the screen stands before.
  /// - Throws: ``DiffusionError``: `badData` for config.toml, `usage` for a theme that is not there, `unavailable` without a
  ///   terminal; what keeps a receipt from being written.
  public func explore(load: @escaping @Sendable () throws -> DDIMPipeline) throws {
    let setup = try setup()
    var terminal = try NCursesTerminal(
      color: setup.appearance.colorTier, renderer: request.appearance.renderer, environment: environment)
    defer { terminal.close() }
    var state = setup.state(size: terminal.size, capabilities: terminal.capabilities)
    var effects = start(&state)
    if let range = request.gallery { effects += state.openGallery(range) }
    terminal.captureMouse(state.capturesMouse)
    var explorer = Explorer(
      state: state, environment: .system(load: load, keeper: keeper), reduce: { reduce(&$0, $1) },
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
  /// - Parameters:
  ///   - runner: Where lines come from and go to.
  ///   - load: Opens the model.
  /// - Throws: ``DiffusionError``, what keeps the run from starting, or what the runner throws.
  public func plain(_ runner: PlainRunner, load: @escaping @Sendable () throws -> DDIMPipeline) throws {
    let capabilities = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "--plain")
    let state = try setup().state(size: Size(columns: 80, rows: 24), capabilities: capabilities)
    let player = SnapshotPlayer(
      state: state, engine: PipelineEngine(load: load), drawSeed: RandomSeed.draw, keeper: keeper)
    try keepReceipt(runner.run(PlainSession(player: player)))
  }

  /// Plays keys without a terminal.
  ///
  /// - Parameters:
  ///   - snapshot: The screen and the keys.
  ///   - pipeline: The model.
  ///   - checkCancellation: Asked before every block of the model; throws to stop there.
  /// - Returns: What the file shall hold.
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func snapshot(
    _ snapshot: SnapshotRequest, pipeline: DDIMPipeline, checkCancellation: @escaping @Sendable () throws -> Void
  ) throws -> String {
    let setup = try setup()
    let tier = setup.appearance.colorTier ?? .trueColor
    let capabilities = TerminalCapabilities(
      colorTier: tier, unicode: true, reason: "snapshot", pixelGraphics: snapshot.format == .svg,
      pixelGraphicsReason: "snapshot as \(snapshot.format.rawValue)")
    var player = SnapshotPlayer(
      state: setup.state(size: snapshot.size, capabilities: capabilities), engine: PipelineEngine(load: { pipeline }),
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
    try ExplorerSetup(request: request, modelName: source.name, folders: folders, files: files)
  }

  /// Writes files about runs of the model, which is read again for a receipt.
  private var exporter: ExplorerExporter {
    ExplorerExporter(model: request.model) { [source] in try ReceiptHeading(source, checkCancellation: $0) }
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

  // MARK: - Sessions

  private var store: SessionStore? { folders.sessionFile.map { SessionStore(path: $0, files: files) } }

  /// The first run: a lesson's, or where the last session of the model was, or as the options say.
  private func start(_ state: inout State) -> [Effect] {
    if let lesson = request.lesson {
      let effects = state.begin(lesson)
      return state.lesson == nil ? state.start() : effects
    }
    guard request.resumesSession, let found = store?.load(model: modelKey) else { return state.start() }
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
    guard request.savesSession, state.run != nil, let store else { return }
    do {
      try store.save(state.savedSession(model: modelKey))
    } catch {
      try? DescriptorStream.standardError.write("diffusion-tui: the session is not kept: \(error)\n")
    }
  }

  /// A folder by its absolute path, so that it is the same from wherever it is opened.
  private var modelKey: String { SystemCall.absolutePath(source.name) ?? source.name }
}
