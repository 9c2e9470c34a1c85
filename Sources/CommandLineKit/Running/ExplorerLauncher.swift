import DiffusionCore
import DiffusionTUI

/// Opens the explorer: on the terminal, as plain lines, or as a snapshot.
public struct ExplorerLauncher: Sendable {
  private let request: ExploreRequest
  private let source: Source
  private let picture: SourcePicture.Open
  private let environment: [String: String]
  private let folders: UserFolders
  private let files: FileSystem

  /// Locates a model, and downloads what is missing of it; throws ``DiffusionError`` that says where it looked. Shows a
  /// download by calling its second argument, which may throw to stop it, or on standard error for nil.
  public typealias Source = @Sendable (ModelReference, HubProgressHandler?) throws -> ModelSource

  /// Creates a launcher.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - environment: The environment of the process.
  ///   - picture: Reads a picture that a run starts from; also called off the terminal's thread.
  ///   - source: Locates a model; also called off the terminal's thread, when the first run of a model starts.
  public init(
    request: ExploreRequest, environment: [String: String],
    picture: @escaping SourcePicture.Open = PictureFiles().open, source: @escaping Source
  ) {
    self.init(request: request, environment: environment, files: .system(), picture: picture, source: source)
  }

  /// Creates a launcher with a file system.
  package init(
    request: ExploreRequest, environment: [String: String], files: FileSystem,
    picture: @escaping SourcePicture.Open = PictureFiles().open, source: @escaping Source
  ) {
    self.request = request
    self.picture = picture
    self.source = source
    self.environment = environment
    self.files = files
    folders = UserFolders(environment: environment)
  }

  /// Opens the explorer on the terminal and returns when the user quits.
  ///
  /// - Throws: ``DiffusionError``: `badData` for config.toml, `usage` for an unknown theme, `unavailable` without a
  ///   terminal; an error in locating a model or writing a receipt.
  public func explore() throws {
    try checkInputs()
    let setup = try setup()
    var terminal = try NCursesTerminal(
      color: setup.appearance.colorTier, renderer: request.appearance.renderer, environment: environment)
    defer { terminal.close() }
    var state = setup.state(size: terminal.size, capabilities: terminal.capabilities)
    state.offer(HubCache(environment: environment).namesToOffer())
    var effects = request.showsCells ? [] : start(&state)
    if let entries = request.gallery { effects += state.openGallery(entries) }
    if let board = request.sweep { effects += state.openSweep(board) }
    terminal.captureMouse(state.pointer.isCaptured)
    let recorder = request.savesSession ? store.map { SessionRecorder($0) } : nil
    var explorer = Explorer(
      state: state,
      environment: .system(
        reporting: open, picture: picture, identity: identity, keeper: keeper, readSweep: PictureFiles.readSweep,
        listDevices: listDevices),
      reduce: { reduce(&$0, $1) },
      view: { view($0, size: $1, capabilities: $2, theme: $0.theme) }, isTyping: \.isTyping,
      remember: recorder.map { recorder in { if let session = session(of: $0) { recorder.record(session) } } })
    let end = explorer.run(on: &terminal, effects: effects)
    terminal.close()
    let tells = !terminal.isLost
    keep(end, with: recorder, tells: tells)
    if keepsPlace { keepPlace(end, tells: tells) }
    let receipt = Result { try keepReceipt(end, tells: tells) }
    terminal.passOnSignal()
    try receipt.get()
  }

  /// Reads commands and answers them in sentences, until they end.
  ///
  /// - Parameter runner: Reads and writes the lines.
  /// - Throws: ``DiffusionError``, an error in starting the run, or what the runner throws.
  public func plain(_ runner: PlainRunner) throws {
    try checkInputs()
    let capabilities = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "--plain")
    let state = try setup().state(size: Size(columns: 80, rows: 24), capabilities: capabilities)
    let player = SnapshotPlayer(
      state: state, engine: lineEngine, drawSeed: RandomSeed.draw, keeper: keeper, listDevices: listDevices)
    try keepReceipt(runner.run(PlainSession(player: player)))
  }

  /// Plays keys without a terminal.
  ///
  /// - Parameters:
  ///   - snapshot: The screen and the keys.
  ///   - checkCancellation: Called before every block of the model; may throw to stop.
  /// - Returns: The contents of the file.
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func snapshot(
    _ snapshot: SnapshotRequest, checkCancellation: @escaping @Sendable () throws -> Void
  ) throws -> String {
    try requireMemory(for: snapshot.size)
    try checkInputs()
    let setup = try setup()
    let tier = setup.appearance.colorTier ?? .trueColor
    let capabilities = TerminalCapabilities(
      colorTier: tier, unicode: true, reason: "snapshot", pixelGraphics: snapshot.format == .svg,
      pixelGraphicsReason: "snapshot as \(snapshot.format.rawValue)")
    var player = SnapshotPlayer(
      state: setup.state(size: snapshot.size, capabilities: capabilities),
      engine: lineEngine, drawSeed: RandomSeed.draw, keeper: keeper, listDevices: listDevices,
      checkCancellation: checkCancellation)
    let frame = try player.play(snapshot.keys)
    if let reason = player.state.withoutLesson.reasonAgainstReceipt {
      let advice = player.state.alarm.map { "it stopped at \($0): add another end to --keys to go on" }
      throw DiffusionError(.usage, "--receipt: \(reason): \(advice ?? "add end to --keys")")
    }
    try keepReceipt(player.state)
    switch snapshot.format {
    case .svg: return FrameSVG(frame, tier: tier).text
    case .ansi: return FrameANSI(frame, tier: tier).text
    case .txt: return FrameText(frame).text
    }
  }

  /// Refuses a large screen for which memory is short: a cell takes some 60 bytes in frames and as text, beside what a
  /// run takes on any screen.
  private func requireMemory(for size: Size) throws {
    let cells = size.columns * size.rows
    guard cells > 100_000 else { return }
    try MemoryBudget.current().require(
      64 * cells + 64 << 20, for: "--size \(size.columns)x\(size.rows)", remedy: "take a smaller size")
  }

  private func setup() throws -> ExplorerSetup {
    let usual = request.withUsualSteps { model in
      // A grid downloads nothing.
      if request.showsCells, let path = model.path {
        _ = try ModelSource(resolving: path, variant: model.variant, environment: environment)
      }
      return try SchedulerSource(source(model, nil))
    }
    return try ExplorerSetup(request: usual, folders: folders, files: files)
  }

  /// Writes files about runs. For a receipt, the model of the run is read again.
  private var exporter: ExplorerExporter {
    ExplorerExporter { [source] run, check in
      let found = try withoutActuallyEscaping(check) { check in
        try source(run.model) { _ in try check() }.refined(for: run.settings) { try source($0) { _ in try check() } }
      }
      return try ReceiptHeading(found, programVersion: ProgramVersion.current, checkCancellation: check)
    }
  }

  private var keeper: Keeper { exporter.keeper }

  /// Writes the receipt that was requested, if it is not yet written; if there is none to write, says why.
  private func keepReceipt(_ end: State, tells: Bool = true) throws {
    // The state from before a lesson is kept, as in sessions.
    let state = end.withoutLesson
    if let export = state.owedReceipt {
      _ = try exporter.write(export, checkCancellation: {})
    } else if let reason = state.reasonAgainstReceipt {
      if tells { try? DescriptorStream.standardError.write("diffusion-tui: \(reason)\n") }
    }
  }

  /// Opens models when their first runs need them, and reports on downloads too.
  private var open: PipelineEngine.ReportingOpen {
    { [source] request, progress in
      var shown: OpeningProgress?
      func show(_ download: HubProgress) throws {
        try Task.checkCancellation()
        let opening = OpeningProgress(download)
        guard download.totalBytes > 0, opening != shown else { return }
        shown = opening
        try progress?(opening)
      }
      let found = try source(request.model, show).refined(for: request.settings) { try source($0, show) }
      return try Self.load(found, request.settings, progress)
    }
  }

  private static func load(
    _ source: ModelSource, _ settings: RunSettings, _ progress: OpeningProgressHandler?
  ) throws -> DiffusionPipeline {
    try DiffusionPipeline.load(
      source, device: settings.device, threads: settings.threads, weights: settings.weights, progress: progress)
  }

  /// Two spellings of one folder are one model. Nothing is downloaded for it.
  private var identity: PipelineEngine.Identity {
    { [environment] model in
      let found = model.path.flatMap { try? ModelSource(resolving: $0, environment: environment).key }
      return found.map { ModelReference($0, variant: model.variant).key } ?? model.key
    }
  }

  /// An engine without a screen.
  private var lineEngine: PipelineEngine {
    PipelineEngine(
      reporting: openWithLine, picture: picture, identity: identity, installedCard: InstalledCard.first)
  }

  private var listDevices: DeviceLister { { [environment] in ListedDevice.all(environment: environment) } }

  /// Opens models without a screen: their progress is a line on standard error.
  private var openWithLine: PipelineEngine.ReportingOpen {
    { [source] request, _ in
      let found = try source(request.model, nil).refined(for: request.settings) { try source($0, nil) }
      let line = ProgressLine(on: .standardError)
      defer { line.clear() }
      return try Self.load(found, request.settings, line.show)
    }
  }

  /// A missing model or picture is an error of the command line, not of the screen. A grid of cells that are there
  /// needs none; what needs it says so on the screen.
  package func checkInputs() throws {
    guard !request.showsCells else { return }
    let refiners = ([request.run] + request.others).compactMap(\.settings.refiner)
    for model in request.models + refiners { _ = try source(model, nil).modelIndex() }
    for name in Set(([request.run] + request.others).compactMap(\.settings.initImage)) { _ = try picture(name) }
  }

  // MARK: - Sessions

  private var store: SessionStore? { folders.sessionFile.map { SessionStore(path: $0, files: files) } }

  /// Starts the first run: a lesson's, the last session's of the model, or the one of the options.
  private func start(_ state: inout State) -> [Effect] {
    if let lesson = request.lesson {
      let places = keepsPlace ? store?.load(model: key(request.model)).session?.lessons : nil
      if let places { state.lessonPlaces = places }
      let effects = keepsPlace ? state.takeUp(lesson) : state.begin(lesson)
      return state.lesson == nil ? state.start() : effects
    }
    let found = request.savesSession ? store?.load(model: key(request.model)) : nil
    // Where lessons were left is kept, whatever runs they were left for.
    if let lessons = found?.session?.lessons { state.lessonPlaces = lessons }
    guard request.resumesSession, let found else { return state.start() }
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

  /// The session to save; nil before the first run has started.
  private func session(of state: State) -> SavedSession? {
    guard state.panes.contains(where: { $0.run != nil }) else { return nil }
    return state.savedSession(of: request.model, name: key, picture: key)
  }

  /// Saves the state as a session. A failure gives a line, but is not an error.
  private func keep(_ state: State, with recorder: SessionRecorder?, tells: Bool) {
    guard let recorder, let session = session(of: state) else { return }
    do {
      try recorder.finish(session)
    } catch {
      if tells { try? DescriptorStream.standardError.write("diffusion-tui: the session is not kept: \(error)\n") }
    }
  }

  /// Whether the place in the requested lesson is kept. One from a file of the user's may change, or have the name of
  /// another.
  private var keepsPlace: Bool { request.lesson.map { LessonLibrary().lessons.contains($0) } ?? false }

  /// Keeps where the requested lesson was left. It was not asked for the session, whose runs stay as they were.
  private func keepPlace(_ end: State, tells: Bool) {
    do {
      try store?.keep(end.withoutLesson.lessonPlaces, model: key(request.model), otherwise: session(of: end))
    } catch {
      if tells { try? DescriptorStream.standardError.write("diffusion-tui: the place is not kept: \(error)\n") }
    }
  }

  /// A picture by its absolute path, likewise.
  private func key(_ picture: PictureReference) -> PictureReference {
    picture.path.map { PictureReference(ExplorerExporter.fullPath($0)) } ?? picture
  }

  /// A folder or a file by its absolute path, which is the same from every working directory.
  private func key(_ model: ModelReference) -> String {
    guard let path = model.path, FileAccess.kind(of: path) != nil else { return model.name }
    return SystemCall.absolutePath(path) ?? ExplorerExporter.fullPath(path)
  }
}
