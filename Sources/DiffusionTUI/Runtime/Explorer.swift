import DiffusionCore

/// The loop that makes a program of a state, a reducer and a view: it waits for keys, answers and the clock, reduces
/// them one at a time, and shows the state when it has changed. It waits in one place and computes nothing itself.
public struct Explorer<State> {
  /// Changes the state by what happened, and asks for what is to be done.
  public typealias Reduce = (inout State, Action) -> [Effect]
  /// Draws the state.
  public typealias View = (State, Size, TerminalCapabilities) -> Frame

  private let environment: ExplorerEnvironment
  private let reduce: Reduce
  private let view: View
  private var state: State
  private var needsDrawing = true
  private var lastDrawing: Duration?
  /// When a frame was last drawn for what came from the terminal.
  private var lastEcho: Duration?
  /// Whether something came from the terminal that no frame shows yet.
  private var owesEcho = false
  private var hasEnded = false

  /// At most 60 frames a second for what the engine answers, and as many for keys, which do not wait for the others.
  private static var frameInterval: Duration { .nanoseconds(16_666_667) }
  /// How long to wait where there is nothing to wait for but keys and answers.
  private static var idleWait: Duration { .seconds(3600) }

  /// Makes a loop at the start of the program.
  ///
  /// - Parameters:
  ///   - state: What is shown first, before any effect is carried out.
  ///   - environment: Time, chance and the engine.
  ///   - reduce: Changes the state; pure.
  ///   - view: Draws the state; pure.
  public init(
    state: State, environment: ExplorerEnvironment, reduce: @escaping Reduce, view: @escaping View
  ) {
    self.state = state
    self.environment = environment
    self.reduce = reduce
    self.view = view
  }

  /// Runs until an effect is ``Effect/quit``, or the terminal hangs up. The terminal is left open; a step that is being
  /// computed is cancelled but not waited for.
  ///
  /// - Parameters:
  ///   - terminal: Where to show and to read.
  ///   - effects: What to carry out once the first frame stands.
  /// - Returns: The state at the end.
  @discardableResult
  public mutating func run(on terminal: inout some Terminal, effects: [Effect] = []) -> State {
    let runner = EffectRunner(environment: environment, mailbox: Mailbox(wake: terminal.wake))
    defer { runner.stop() }
    draw(on: &terminal)
    carryOut(effects, by: runner, on: &terminal)
    while !hasEnded {
      let event = terminal.nextEvent(timeout: timeout(of: runner))
      if let event {
        owesEcho = true
        act(Self.action(for: event), by: runner, on: &terminal)
        hasEnded = hasEnded || event == .hangUp
      }
      for letter in runner.takeAnswers() where !hasEnded && runner.accepts(letter) {
        act(letter.action, by: runner, on: &terminal)
      }
      if !hasEnded, runner.takeTick() { act(.tick, by: runner, on: &terminal) }
      // Keys that wait behind one another are shown together.
      if !hasEnded, needsDrawing, untilNextFrame(hasInput: event != nil) <= .zero { draw(on: &terminal) }
    }
    return state
  }

  private mutating func act(_ action: Action, by runner: EffectRunner, on terminal: inout some Terminal) {
    let effects = reduce(&state, action)
    needsDrawing = true
    carryOut(effects, by: runner, on: &terminal)
  }

  private mutating func carryOut(_ effects: [Effect], by runner: EffectRunner, on terminal: inout some Terminal) {
    for effect in effects {
      switch effect {
      case .start(let run, let request): runner.start(run: run, request)
      case .denoise(let runs): runner.denoise(runs: runs)
      case .cancel: runner.cancel()
      case .discard(let runs): runner.discard(runs: runs)
      case .drawSeed: act(.seedDrawn(environment.drawSeed()), by: runner, on: &terminal)
      case .tick(let delay): runner.tick(after: delay)
      case .gallery(let effect): runner.carryOut(effect)
      case .previewNoise(let request): runner.previewNoise(request)
      case .captureMouse(let capture): terminal.captureMouse(capture)
      case .copy(let text): _ = terminal.copy(text)
      case .export(let number, let export): runner.export(number: number, export)
      case .cancelExport(let number): runner.cancelExport(number: number)
      case .copyCommandLine(let request):
        let text = environment.keeper.commandLine(request)
        act(.commandLine(text, isCopied: terminal.copy(text)), by: runner, on: &terminal)
      case .suspend: terminal.suspend()
      case .quit: hasEnded = true
      }
      if hasEnded { return }
    }
  }

  private mutating func draw(on terminal: inout some Terminal) {
    needsDrawing = false
    lastDrawing = environment.now()
    if owesEcho { lastEcho = lastDrawing }
    owesEcho = false
    terminal.show(view(state, terminal.size, terminal.capabilities))
  }

  private func timeout(of runner: EffectRunner) -> Duration {
    var timeout = Self.idleWait
    if let tickTime = runner.tickTime { timeout = min(timeout, tickTime - environment.now()) }
    if needsDrawing { timeout = min(timeout, untilNextFrame(hasInput: false)) }
    return max(.zero, timeout)
  }

  private func untilNextFrame(hasInput: Bool) -> Duration {
    guard let last = owesEcho && !hasInput ? lastEcho : lastDrawing else { return .zero }
    return last + Self.frameInterval - environment.now()
  }

  private static func action(for event: TerminalEvent) -> Action {
    switch event {
    case .key(let key): .key(key)
    case .mouse(let event): .mouse(event)
    case .paste(let text): .paste(text)
    case .resize(let size): .resize(size)
    case .hangUp: .hangUp
    }
  }
}
