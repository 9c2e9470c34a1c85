import DiffusionCore

/// Carries out effects one after another, without a terminal or a clock.
struct SnapshotEffects: EffectHandler {
  typealias Failure = any Error

  /// Whether an effect was ``Effect/quit``.
  private(set) var hasEnded = false
  /// Why the run requested last could not be started. The state's notice has the message, and says which of several
  /// runs it was; the kind of error, which decides a command's exit status, is only here.
  private(set) var startError: (any Error)?
  private var table: RunTable
  private let seed: () -> Seed
  private let keeper: Keeper
  private let readSweep: SweepReader
  private let deviceLister: DeviceLister
  private let checkCancellation: @Sendable () throws -> Void
  /// The number of steps answered for each run.
  private var answered: [Int: Int] = [:]
  /// The remaining entries of a gallery.
  private var gallery: GalleryRequest?
  private var isTickWaiting = false

  /// Creates an idle handler.
  init(
    table: RunTable, seed: @escaping () -> Seed, keeper: Keeper, readSweep: @escaping SweepReader,
    listDevices: @escaping DeviceLister, checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    (self.table, self.seed, self.keeper, self.checkCancellation) = (table, seed, keeper, checkCancellation)
    (self.readSweep, deviceLister) = (readSweep, listDevices)
  }

  /// The next action when nothing else is left to do: a step of the gallery's entries, then the latest tick requested.
  mutating func nextInTurn() throws -> Action? {
    if let request = gallery {
      let check = checkCancellation
      let advance = try table.develop(request, check: check) { _ in try check() }
      gallery = advance.isFinished ? nil : advance.request
      return .galleryAdvanced(advance)
    }
    defer { isTickWaiting = false }
    return isTickWaiting ? .tick : nil
  }

  mutating func start(run: Int, _ request: RunRequest) -> [Action] {
    do {
      let description = try table.start(run, request)
      answered[run] = 0
      return [.runStarted(run: run, description)]
    } catch {
      startError = error
      return [.runFailed(run: run, message: "\(error)")]
    }
  }

  mutating func denoise(runs: [Int]) throws -> [Action] {
    let requests = runs.map { RunTable.Request(run: $0, index: answered[$0] ?? 0) }
    var answers: [Action] = []
    let check = checkCancellation
    try table.step(requests, progress: { _, _ in try check() }) { run, result in
      switch result {
      case .success(let step): answers.append(.stepCompleted(run: run, step))
      case .failure(let error): answers.append(.runFailed(run: run, message: "\(error)"))
      }
    }
    for case .stepCompleted(let run, _) in answers { answered[run, default: 0] += 1 }
    return answers
  }

  func cancel() {}

  mutating func discard(runs: [Int]) { table.discard(runs) }

  mutating func decode(_ request: DecodeRequest) throws -> [Action] {
    do {
      return [.decoded(request, try table.decode(request, check: checkCancellation))]
    } catch let error as DiffusionError {
      return [.decodingFailed(request, message: error.description)]
    }
  }

  func cancelDecoding() {}

  mutating func attend(_ request: AttentionRequest) throws -> [Action] {
    do {
      return [.attended(request, try table.attend(request, check: checkCancellation))]
    } catch let error as DiffusionError {
      return [.attentionFailed(request, message: error.description)]
    }
  }

  func cancelAttention() {}

  func drawSeed() -> Seed { seed() }

  func listDevices() -> [Action] { [.devicesListed(deviceLister())] }

  mutating func develop(_ request: GalleryRequest) -> [Action] {
    gallery = request
    return []
  }

  mutating func stopDeveloping() { gallery = nil }

  func watch(_ request: SweepWatch) -> [Action] { [.sweepFound(readSweep(request, []))] }

  func stopWatching() {}

  mutating func previewNoise(_ request: RunRequest) -> [Action] {
    guard let description = try? table.describe(request) else { return [] }
    return [.noisePreviewed(description)]
  }

  mutating func tick(after delay: Duration) { isTickWaiting = true }

  func captureMouse(_ captures: Bool) {}

  func copy(_ text: String) -> Bool? { nil }

  func commandLine(of request: RunRequest) -> String { keeper.commandLine(request) }

  func export(number: Int, _ export: ExplorerExport) throws -> [Action] {
    [.exportEnded(number: number, try keeper.result(of: export, checkCancellation: checkCancellation))]
  }

  mutating func exportRun(
    number: Int, _ run: RunRequest, _ target: ExplorerExport.Target
  ) throws -> [Action] {
    do {
      let export = target.export(try table.record(run, check: checkCancellation))
      return try self.export(number: number, export)
    } catch let error as DiffusionError {
      return [.exportEnded(number: number, .failed(error.description))]
    }
  }

  func cancelExport(number: Int) {}

  func redraw() {}

  func suspend() {}

  mutating func quit() { hasEnded = true }
}
