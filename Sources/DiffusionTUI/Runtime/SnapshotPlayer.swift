import DiffusionCore

/// Plays keys against the explorer without a terminal. Every effect is carried out before the next key, and no clock is
/// waited for, so that the same keys and settings give the same screen.
public struct SnapshotPlayer {
  /// What is shown.
  package private(set) var state: State
  private var table: RunTable
  private let drawSeed: () -> Seed
  private let checkCancellation: @Sendable () throws -> Void
  private let keeper: Keeper
  /// Why a run could not be started that was asked for last. The state's notice says it, and which of several runs it
  /// was; the kind of trouble, which a command's exit status tells, is here alone.
  private var startError: (any Error)?
  /// Whether a key or a command has quit.
  package private(set) var hasEnded = false

  /// Makes a player at a screen before its first run.
  ///
  /// - Parameters:
  ///   - state: What is shown first.
  ///   - engine: Makes the runs.
  ///   - drawSeed: Draws a seed where a key asks for one.
  ///   - keeper: Writes files where a key or a command asks for one.
  ///   - checkCancellation: Asked before every block of the model; throws to stop there.
  public init(
    state: State, engine: any DenoisingEngine, drawSeed: @escaping () -> Seed, keeper: Keeper = .none,
    checkCancellation: @escaping @Sendable () throws -> Void = {}
  ) {
    self.state = state
    table = RunTable(engine: engine)
    self.drawSeed = drawSeed
    self.keeper = keeper
    self.checkCancellation = checkCancellation
  }

  /// Starts the first run, presses the keys one after the other, and returns the screen at the end. Keys after the one
  /// that quits do nothing.
  ///
  /// - Throws: What keeps the first run from starting, or what `checkCancellation` throws. Later errors are on the
  ///   screen.
  public mutating func play(_ keys: [Key]) throws -> Frame {
    try start()
    for key in keys where !hasEnded { try act(.key(key)) }
    return view(state)
  }

  /// Starts the first runs.
  ///
  /// - Throws: What keeps one from starting.
  package mutating func start() throws {
    try carryOut(state.start())
    if state.panes.contains(where: { $0.run == nil }), let notice = state.notice {
      throw DiffusionError((startError as? DiffusionError)?.kind ?? .usage, notice)
    }
  }

  /// Does what a command asks for, and all that follows of it.
  ///
  /// - Throws: What `checkCancellation` throws. Other errors are the state's notice.
  package mutating func perform(_ request: CommandRequest) throws {
    (state.notice, state.news) = (nil, nil)
    try carryOut(state.perform(request))
  }

  private mutating func act(_ action: Action) throws {
    try carryOut(reduce(&state, action))
  }

  /// Carries out effects and those that follow of them. A tick comes when nothing else is left, and a new one replaces
  /// the one that waits, as on a terminal.
  private mutating func carryOut(_ effects: [Effect]) throws {
    var waiting = effects
    var tickIsWaiting = false
    while !hasEnded, tickIsWaiting || !waiting.isEmpty {
      guard !waiting.isEmpty else {
        tickIsWaiting = false
        waiting = reduce(&state, .tick)
        continue
      }
      switch waiting.removeFirst() {
      case .start(let number, let request): waiting += start(number, request)
      case .denoise(let runs): waiting += try denoise(runs)
      case .discard(let runs): table.discard(runs)
      case .drawSeed: waiting += reduce(&state, .seedDrawn(drawSeed()))
      case .gallery(.develop(let request)): waiting += try develop(request)
      case .previewNoise(let request):
        if let description = try? table.describe(request) { waiting += reduce(&state, .noisePreviewed(description)) }
      case .tick: tickIsWaiting = true
      case .export(let number, let export):
        let result = try keeper.result(of: export, checkCancellation: checkCancellation)
        waiting += reduce(&state, .exportEnded(number: number, result))
      case .copyCommandLine(let request):
        waiting += reduce(&state, .commandLine(keeper.commandLine(request), isCopied: nil))
      case .quit: hasEnded = true
      case .cancel, .cancelExport, .gallery(.stop), .captureMouse, .copy, .suspend: break
      }
    }
  }

  private mutating func start(_ number: Int, _ request: RunRequest) -> [Effect] {
    do {
      return reduce(&state, .runStarted(run: number, try table.start(number, request)))
    } catch {
      startError = error
      return reduce(&state, .runFailed(run: number, message: "\(error)"))
    }
  }

  private mutating func develop(_ request: GalleryRequest) throws -> [Effect] {
    var request = request
    var effects: [Effect] = []
    let check = checkCancellation
    while !request.seeds.isEmpty, effects.isEmpty {
      let advance = try table.develop(request, check: check) { _ in try check() }
      effects = reduce(&state, .galleryAdvanced(advance))
      request = advance.request
    }
    return effects
  }

  private mutating func denoise(_ runs: [Int]) throws -> [Effect] {
    let requests = runs.map { number in
      RunTable.Request(run: number, index: state.panes.first { $0.run?.number == number }?.completedSteps ?? 0)
    }
    var answers: [Action] = []
    let check = checkCancellation
    try table.step(requests, progress: { _, _ in try check() }) { run, result in
      switch result {
      case .success(let step): answers.append(.stepCompleted(run: run, step))
      case .failure(let error): answers.append(.runFailed(run: run, message: "\(error)"))
      }
    }
    return answers.flatMap { reduce(&state, $0) }
  }
}
