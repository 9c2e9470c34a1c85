import DiffusionCore

/// The loop that connects a state, a reducer and a view: it waits for keys, answers and the clock, reduces them one at
/// a time, and shows the state when it has changed. It waits in one place and computes nothing itself.
public struct Explorer<State> {
  /// Changes the state by an action, and returns the effects to carry out.
  public typealias Reduce = (inout State, Action) -> [Effect]
  /// Draws the state.
  public typealias View = (State, Size, TerminalCapabilities) -> Frame
  /// Keeps a state in case that the process is killed. It is called on the terminal's thread and must not wait.
  public typealias Remember = (State) -> Void

  private let environment: ExplorerEnvironment
  private let reduce: Reduce
  private let view: View
  private let remember: Remember?
  private let isTyping: (State) -> Bool
  private var state: State
  private var needsDrawing = true
  private var lastDrawing: Duration?
  /// The time of the last frame drawn for input from the terminal.
  private var lastEcho: Duration?
  /// Whether there is input from the terminal that no frame shows yet.
  private var owesEcho = false
  /// When to remember the state; nil if it has not changed since the last time.
  private var rememberTime: Duration?
  /// The event that ended a burst of characters, which is taken next.
  private var following: TerminalEvent?

  /// At most 60 frames a second for the engine's answers, and as many for keys, which do not wait for the others.
  private static var frameInterval: Duration { .nanoseconds(16_666_667) }
  /// The most that a process that is killed forgets.
  private static var rememberInterval: Duration { .seconds(2) }
  /// The maximum number of typed characters that are taken at once.
  private static var longestBurst: Int { 65_536 }
  /// The timeout of a wait for keys and answers alone.
  private static var idleWait: Duration { .seconds(3600) }

  /// Creates a loop.
  ///
  /// - Parameters:
  ///   - state: The initial state, shown before any effect is carried out.
  ///   - environment: The clock, the source of seeds, and the engine.
  ///   - reduce: Changes the state; pure.
  ///   - view: Draws the state; pure.
  ///   - isTyping: Whether characters are text and not keys. Those that arrive together are then one
  ///     ``Action/paste(_:)``.
  ///   - remember: Called at most every two seconds while the state changes; nil if nothing is kept.
  public init(
    state: State, environment: ExplorerEnvironment, reduce: @escaping Reduce, view: @escaping View,
    isTyping: @escaping (State) -> Bool = { _ in false }, remember: Remember? = nil
  ) {
    self.state = state
    self.environment = environment
    self.reduce = reduce
    self.view = view
    self.remember = remember
    self.isTyping = isTyping
  }

  /// Runs until an effect is ``Effect/quit``, or the terminal hangs up. The terminal stays open; a step being computed
  /// is cancelled but not waited for.
  ///
  /// - Parameters:
  ///   - terminal: The terminal to draw on and read from.
  ///   - effects: The effects to carry out once the first frame is shown.
  /// - Returns: The final state.
  @discardableResult
  public mutating func run<Screen: Terminal>(on terminal: inout Screen, effects: [Effect] = []) -> State {
    var world = ScreenEffects(environment: environment, terminal: terminal)
    defer {
      world.runner.stop()
      terminal = world.terminal
    }
    draw(on: &world.terminal)
    carryOut(effects, in: &world)
    while !world.hasEnded {
      let event = following ?? world.terminal.nextEvent(timeout: timeout(of: world.runner))
      following = nil
      if let event { take(event, in: &world) }
      for letter in world.runner.takeAnswers() where !world.hasEnded && world.runner.accepts(letter) {
        act(letter.action, in: &world)
      }
      if !world.hasEnded, world.runner.takeTick() { act(.tick, in: &world) }
      if let rememberTime, rememberTime <= environment.now() {
        self.rememberTime = nil
        remember?(state)
      }
      // Queued keys are shown together, in one frame.
      if !world.hasEnded, needsDrawing, untilNextFrame(hasInput: event != nil) <= .zero { draw(on: &world.terminal) }
    }
    return state
  }

  /// Acts on an event from the terminal. Characters that arrive together where text is typed are one edit.
  private mutating func take(_ event: TerminalEvent, in world: inout ScreenEffects<some Terminal>) {
    owesEcho = true
    guard case .key(.character(let first)) = event, isTyping(state) else {
      act(Self.action(for: event), in: &world)
      if event == .hangUp { world.quit() }
      return
    }
    var text = String(first), count = 1
    following = world.terminal.nextEvent(timeout: .zero)
    while case .key(.character(let character)) = following, count < Self.longestBurst {
      text.append(character)
      count += 1
      following = world.terminal.nextEvent(timeout: .zero)
    }
    act(count > 1 ? .paste(text) : Self.action(for: event), in: &world)
  }

  private mutating func act(_ action: Action, in world: inout ScreenEffects<some Terminal>) {
    needsDrawing = true
    if remember != nil { rememberTime = rememberTime ?? environment.now() + Self.rememberInterval }
    carryOut(reduce(&state, action), in: &world)
  }

  private mutating func carryOut(_ effects: [Effect], in world: inout ScreenEffects<some Terminal>) {
    for effect in effects where !world.hasEnded {
      for action in world.carryOut(effect) { act(action, in: &world) }
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
    if let rememberTime { timeout = min(timeout, rememberTime - environment.now()) }
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
