import DiffusionCore

/// Plays keys against the explorer without a terminal. Every effect is carried out before the next key, and no clock is
/// waited for, so that the same keys and settings give the same screen.
public struct SnapshotPlayer {
  /// What is shown.
  package private(set) var state: State
  private var world: SnapshotEffects

  /// Whether a key or a command has quit.
  package var hasEnded: Bool { world.hasEnded }

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
    world = SnapshotEffects(
      table: RunTable(engine: engine), seed: drawSeed, keeper: keeper, checkCancellation: checkCancellation)
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
      throw DiffusionError((world.startError as? DiffusionError)?.kind ?? .usage, notice)
    }
  }

  /// Does what a command asks for, and all that follows of it.
  ///
  /// - Throws: What `checkCancellation` throws. Other errors are the state's notice.
  package mutating func perform(_ request: CommandRequest) throws {
    (state.notice, state.news) = (nil, nil)
    try carryOut(reduce(&state, request))
  }

  private mutating func act(_ action: Action) throws {
    try carryOut(reduce(&state, action))
  }

  /// Carries out effects and those that follow of them. What can wait comes when nothing else is left.
  private mutating func carryOut(_ effects: [Effect]) throws {
    var waiting = effects
    while !hasEnded {
      guard !waiting.isEmpty else {
        guard let action = try world.nextInTurn() else { return }
        waiting = reduce(&state, action)
        continue
      }
      for action in try world.carryOut(waiting.removeFirst()) { waiting += reduce(&state, action) }
    }
  }
}
