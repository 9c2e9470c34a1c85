import DiffusionCore

/// Plays keys against the explorer without a terminal. Every effect is carried out before the next key, and no clock is
/// waited for, so that the same keys and settings give the same screen.
public struct SnapshotPlayer {
  /// What is shown.
  package private(set) var state: State
  private var engine: any DenoisingEngine
  private var run: (number: Int, run: any SteppableRun)?
  private let drawSeed: () -> Seed
  private let checkCancellation: () throws -> Void
  /// Whether a key or a command has quit.
  package private(set) var hasEnded = false

  /// Makes a player at a screen before its first run.
  ///
  /// - Parameters:
  ///   - state: What is shown first.
  ///   - engine: Makes the runs.
  ///   - drawSeed: Draws a seed where a key asks for one.
  ///   - checkCancellation: Asked before every block of the model; throws to stop there.
  public init(
    state: State, engine: any DenoisingEngine, drawSeed: @escaping () -> Seed,
    checkCancellation: @escaping () throws -> Void = {}
  ) {
    self.state = state
    self.engine = engine
    self.drawSeed = drawSeed
    self.checkCancellation = checkCancellation
  }

  /// Starts the first run, presses the keys one after the other, and returns the screen at the end. Keys after the one
  /// that quits do nothing.
  ///
  /// - Throws: What keeps the first run from starting, or what `checkCancellation` throws. Later errors are on the screen.
  public mutating func play(_ keys: [Key]) throws -> Frame {
    try start()
    for key in keys where !hasEnded { try act(.key(key)) }
    return view(state)
  }

  /// Starts the first run.
  ///
  /// - Throws: What keeps it from starting.
  package mutating func start() throws {
    try carryOut(state.start())
    if run == nil, let notice = state.notice { throw DiffusionError(.usage, notice) }
  }

  /// Does what a command asks for, and all that follows of it.
  ///
  /// - Throws: What `checkCancellation` throws. Other errors are the state's notice.
  package mutating func perform(_ request: CommandRequest) throws {
    state.notice = nil
    try carryOut(state.perform(request))
  }

  private mutating func act(_ action: Action) throws {
    try carryOut(reduce(&state, action))
  }

  /// Carries out effects and those that follow of them. A tick comes when nothing else is left, and a new one replaces the
  /// one that waits, as on a terminal.
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
      case .start(let number, let settings): waiting += start(number, settings)
      case .denoise(let number): waiting += try denoise(number)
      case .drawSeed: waiting += reduce(&state, .seedDrawn(drawSeed()))
      case .tick: tickIsWaiting = true
      case .quit: hasEnded = true
      case .cancel, .captureMouse, .copy, .suspend: break
      }
    }
  }

  private mutating func start(_ number: Int, _ settings: RunSettings) -> [Effect] {
    do {
      let next = try engine.makeRun(settings)
      run = (number, next)
      let description = RunDescription(
        settings: next.settings, schedule: next.schedule, initialNoise: next.initialNoise)
      return reduce(&state, .runStarted(run: number, description))
    } catch {
      return reduce(&state, .runFailed(run: number, message: "\(error)"))
    }
  }

  private mutating func denoise(_ number: Int) throws -> [Effect] {
    guard var current = run, current.number == number else { return [] }
    do {
      let check = checkCancellation
      let step = try current.run.step { _ in try check() }
      run = current
      return reduce(&state, .stepCompleted(run: number, step))
    } catch let error as CancellationError {
      throw error
    } catch {
      return reduce(&state, .runFailed(run: number, message: "\(error)"))
    }
  }
}
