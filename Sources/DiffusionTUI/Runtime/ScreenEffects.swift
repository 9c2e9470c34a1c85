import DiffusionCore

/// Carries out effects on a terminal. Long work is done on other threads, which answer by mail.
struct ScreenEffects<Screen: Terminal>: EffectHandler {
  typealias Failure = Never

  /// Runs the work on other threads.
  let runner: EffectRunner
  /// The terminal that shows the explorer.
  var terminal: Screen
  /// Whether an effect was ``Effect/quit``.
  private(set) var hasEnded = false
  private let environment: ExplorerEnvironment

  /// Creates a handler for a terminal.
  init(environment: ExplorerEnvironment, terminal: Screen) {
    (self.environment, self.terminal) = (environment, terminal)
    runner = EffectRunner(environment: environment, mailbox: Mailbox(wake: terminal.wake))
  }

  func start(run: Int, _ request: RunRequest) -> [Action] {
    runner.start(run: run, request)
    return []
  }

  func denoise(runs: [Int]) -> [Action] {
    runner.denoise(runs: runs)
    return []
  }

  func cancel() { runner.cancel() }

  func discard(runs: [Int]) { runner.discard(runs: runs) }

  func decode(_ request: DecodeRequest) -> [Action] {
    runner.decode(request)
    return []
  }

  func cancelDecoding() { runner.cancelDecoding() }

  func attend(_ request: AttentionRequest) -> [Action] {
    runner.attend(request)
    return []
  }

  func cancelAttention() { runner.cancelAttention() }

  func drawSeed() -> Seed { environment.drawSeed() }

  func listDevices() -> [Action] {
    runner.listDevices()
    return []
  }

  func develop(_ request: GalleryRequest) -> [Action] {
    runner.carryOut(GalleryEffect.develop(request))
    return []
  }

  func stopDeveloping() { runner.carryOut(GalleryEffect.stop) }

  func watch(_ request: SweepWatch) -> [Action] {
    runner.carryOut(SweepEffect.watch(request))
    return []
  }

  func stopWatching() { runner.carryOut(SweepEffect.stop) }

  func previewNoise(_ request: RunRequest) -> [Action] {
    runner.previewNoise(request)
    return []
  }

  func tick(after delay: Duration) { runner.tick(after: delay) }

  mutating func captureMouse(_ captures: Bool) { terminal.captureMouse(captures) }

  mutating func copy(_ text: String) -> Bool? { terminal.copy(text) }

  func commandLine(of request: RunRequest) -> String { environment.keeper.commandLine(request) }

  func export(number: Int, _ export: ExplorerExport) -> [Action] {
    runner.export(number: number, export)
    return []
  }

  func exportRun(number: Int, _ run: RunRequest, _ target: ExplorerExport.Target) -> [Action] {
    runner.exportRun(number: number, run, target)
    return []
  }

  func cancelExport(number: Int) { runner.cancelExport(number: number) }

  mutating func redraw() { terminal.redraw() }

  mutating func suspend() { terminal.suspend() }

  mutating func quit() { hasEnded = true }
}
