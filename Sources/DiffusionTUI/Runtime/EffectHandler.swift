import DiffusionCore

/// Carries out effects. ``carryOut(_:)`` dispatches each effect to the method that conforming types implement. Methods
/// return the actions that follow at once; later ones are posted.
protocol EffectHandler {
  /// The error that may stop it.
  associatedtype Failure: Error

  mutating func start(run: Int, _ request: RunRequest) throws(Failure) -> [Action]
  mutating func denoise(runs: [Int]) throws(Failure) -> [Action]
  mutating func cancel()
  mutating func discard(runs: [Int])
  mutating func decode(_ request: DecodeRequest) throws(Failure) -> [Action]
  mutating func cancelDecoding()
  mutating func attend(_ request: AttentionRequest) throws(Failure) -> [Action]
  mutating func cancelAttention()
  mutating func drawSeed() -> Seed
  mutating func listDevices() -> [Action]
  mutating func develop(_ request: GalleryRequest) throws(Failure) -> [Action]
  mutating func stopDeveloping()
  mutating func watch(_ request: SweepWatch) -> [Action]
  mutating func stopWatching()
  mutating func previewNoise(_ request: RunRequest) throws(Failure) -> [Action]
  mutating func tick(after delay: Duration)
  mutating func captureMouse(_ captures: Bool)
  /// Puts text on the clipboard, and returns whether it was taken; nil where there is no clipboard.
  mutating func copy(_ text: String) -> Bool?
  mutating func commandLine(of request: RunRequest) -> String
  mutating func export(number: Int, _ export: ExplorerExport) throws(Failure) -> [Action]
  mutating func exportRun(number: Int, _ run: RunRequest, _ target: ExplorerExport.Target) throws(Failure) -> [Action]
  mutating func cancelExport(number: Int)
  mutating func redraw()
  mutating func suspend()
  mutating func quit()
}

extension EffectHandler {
  /// Carries out an effect, and returns the actions that follow at once.
  mutating func carryOut(_ effect: Effect) throws(Failure) -> [Action] {
    switch effect {
    case .start(let run, let request): return try start(run: run, request)
    case .denoise(let runs): return try denoise(runs: runs)
    case .cancel: cancel()
    case .discard(let runs): discard(runs: runs)
    case .decode(let request): return try decode(request)
    case .cancelDecoding: cancelDecoding()
    case .attend(let request): return try attend(request)
    case .cancelAttention: cancelAttention()
    case .drawSeed: return [.seedDrawn(drawSeed())]
    case .listDevices: return listDevices()
    case .gallery(.develop(let request)): return try develop(request)
    case .gallery(.stop): stopDeveloping()
    case .sweep(.watch(let request)): return watch(request)
    case .sweep(.stop): stopWatching()
    case .previewNoise(let request): return try previewNoise(request)
    case .tick(let delay): tick(after: delay)
    case .captureMouse(let captures): captureMouse(captures)
    case .export(let number, let export): return try self.export(number: number, export)
    case .exportRun(let number, let run, let target): return try exportRun(number: number, run, target)
    case .cancelExport(let number): cancelExport(number: number)
    case .copyCommandLine(let request):
      let text = commandLine(of: request)
      return [.commandLine(text, isCopied: copy(text))]
    case .redraw: redraw()
    case .suspend: suspend()
    case .quit: quit()
    }
    return []
  }
}
