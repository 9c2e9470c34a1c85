import DiffusionCore

/// Plays keys in the explorer without a terminal. Every effect is carried out before the next key, without waiting for
/// a clock, so that the same keys and settings give the same screen, except for the time a step of runs that are
/// compared on several devices.
public struct SnapshotPlayer {
  /// The current state.
  package private(set) var state: State
  private var world: SnapshotEffects

  /// Whether a key or a command has quit.
  package var hasEnded: Bool { world.hasEnded }

  /// Creates a player at the screen before the first run.
  ///
  /// - Parameters:
  ///   - state: The initial state.
  ///   - engine: Creates the runs.
  ///   - drawSeed: Draws a random seed when a key requests one.
  ///   - keeper: Writes files when a key or a command requests one.
  ///   - readSweep: Reads the folder of a sweep.
  ///   - listDevices: Lists the devices of the machine; none if omitted.
  ///   - checkCancellation: Called before every block of the model; may throw to stop there.
  public init(
    state: State, engine: any DenoisingEngine, drawSeed: @escaping () -> Seed, keeper: Keeper = .none,
    readSweep: @escaping SweepReader = { watch, _ in SweepFinding(number: watch.number) },
    listDevices: @escaping DeviceLister = { [] }, checkCancellation: @escaping @Sendable () throws -> Void = {}
  ) {
    self.state = state
    world = SnapshotEffects(
      table: RunTable(engine: engine), seed: drawSeed, keeper: keeper, readSweep: readSweep,
      listDevices: listDevices, checkCancellation: checkCancellation)
  }

  /// Starts the first run, presses the keys in order, and returns the final screen. Keys after the one that quits are
  /// ignored.
  ///
  /// - Throws: The error that keeps the first run from starting, or what `checkCancellation` throws. Later errors
  ///   appear on the screen.
  public mutating func play(_ keys: [Key]) throws -> Frame {
    try start()
    for key in keys where !hasEnded { try act(.key(key)) }
    return view(state)
  }

  /// Starts the first runs.
  ///
  /// - Throws: The error that keeps one from starting.
  package mutating func start() throws {
    try carryOut(state.start())
    if state.panes.contains(where: { $0.run == nil }), let notice = state.notice {
      throw DiffusionError((world.startError as? DiffusionError)?.kind ?? .usage, notice)
    }
  }

  /// Carries out a command, and everything that follows from it.
  ///
  /// - Throws: What `checkCancellation` throws. Other errors become the state's notice.
  package mutating func perform(_ request: CommandRequest) throws {
    (state.notice, state.news) = (nil, nil)
    try carryOut(reduce(&state, request))
  }

  private mutating func act(_ action: Action) throws {
    try carryOut(reduce(&state, action))
  }

  /// Carries out effects and those that follow from them. What can wait is done when nothing else is left. A loop is
  /// played once, because nobody stops it.
  private mutating func carryOut(_ effects: [Effect]) throws {
    var waiting = effects
    while !hasEnded {
      guard !waiting.isEmpty else {
        if state.isAtLoopEnd { state.playback.isPlaying = false }
        guard let action = try world.nextInTurn() else { return }
        waiting = reduce(&state, action)
        continue
      }
      for action in try world.carryOut(waiting.removeFirst()) { waiting += reduce(&state, action) }
    }
  }
}
