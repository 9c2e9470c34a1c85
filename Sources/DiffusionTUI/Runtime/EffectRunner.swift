import DiffusionCore

/// Carries out what the reducer asks of the engine and of the clock, and answers through a ``Mailbox``. Belongs to the
/// terminal's thread; none of its methods waits.
final class EffectRunner {
  /// When to act ``Action/tick``, on the environment's clock.
  private(set) var tickTime: Duration?

  private let environment: ExplorerEnvironment
  private let mailbox: Mailbox
  private let session: DenoisingSession
  private let gallery: GalleryRunner
  private var steps: Task<Void, Never>?
  private var preview: Task<Void, Never>?
  private let writing = BlockingExecutor(label: "exports")
  private var exports: [Int: Task<Void, Never>] = [:]
  private var starts: [Int: Task<Void, Never>] = [:]
  /// The number of the steps whose answers are wanted: those asked for last.
  private var work = 0
  /// How many steps of each run were answered.
  private var answered: [Int: Int] = [:]

  /// Makes one that has nothing to do.
  init(environment: ExplorerEnvironment, mailbox: Mailbox) {
    self.environment = environment
    self.mailbox = mailbox
    session = DenoisingSession(makeEngine: environment.makeEngine)
    gallery = GalleryRunner(session: session, mailbox: mailbox, now: environment.now)
  }

  /// Cancels the steps that are computed, and starts a run from its noise once those that were asked for before have
  /// started.
  func start(run: Int, _ request: RunRequest) {
    cancel()
    starts[run] = Task.detached(executorPreference: session.executor) { [session, mailbox] in
      do {
        mailbox.post(.runStarted(run: run, try await session.start(run: run, request)))
      } catch is CancellationError {
        return
      } catch {
        mailbox.post(.runFailed(run: run, message: String(describing: error)))
      }
    }
  }

  /// Takes the next step of each of some runs.
  func denoise(runs: [Int]) {
    cancel()
    let requests = runs.map { (run: $0, index: answered[$0] ?? 0) }
    steps = Task.detached(executorPreference: session.executor) { [session, mailbox, work] in
      // Throws only where it was cancelled, and nobody waits for an answer.
      try? await session.step(requests) { runs, report in
        mailbox.post(.progress(runs: runs, report), of: work)
      } answer: { run, result in
        switch result {
        case .success(let step): mailbox.post(.stepCompleted(run: run, step), of: work)
        case .failure(let error): mailbox.post(.runFailed(run: run, message: String(describing: error)), of: work)
        }
      }
    }
  }

  /// Stops the steps that are being computed; what they still answer is dropped.
  func cancel() {
    steps?.cancel()
    steps = nil
    work += 1
  }

  /// Forgets runs. One that has not started yet is not made any more.
  func discard(runs: [Int]) {
    for run in runs {
      starts.removeValue(forKey: run)?.cancel()
      answered[run] = nil
    }
    Task.detached(executorPreference: session.executor) { [session] in await session.discard(runs: runs) }
  }

  /// Computes a gallery, or stops.
  func carryOut(_ effect: GalleryEffect) { gallery.carryOut(effect) }

  /// Draws the noise of a run, instead of the one that was asked for before. Where it cannot be drawn nothing is
  /// answered: starting the run says why.
  func previewNoise(_ request: RunRequest) {
    preview?.cancel()
    preview = Task.detached(executorPreference: session.executor) { [session, mailbox] in
      guard let description = try? await session.describe(request) else { return }
      mailbox.post(.noisePreviewed(description))
    }
  }

  /// Writes a file, beside whatever is computed.
  func export(number: Int, _ export: ExplorerExport) {
    exports[number] = Task.detached(executorPreference: writing) { [mailbox, keeper = environment.keeper] in
      // Throws only where it was cancelled, and nobody waits for an answer.
      let result = try? keeper.result(of: export) { try Task.checkCancellation() }
      if let result { mailbox.post(.exportEnded(number: number, result)) }
    }
  }

  /// Stops a file that is being written.
  func cancelExport(number: Int) { exports.removeValue(forKey: number)?.cancel() }

  /// Stops everything, and waits until no file is half written.
  func stop() {
    cancel()
    gallery.carryOut(.stop)
    preview?.cancel()
    for export in exports.values { export.cancel() }
    writing.finish()
    for start in starts.values { start.cancel() }
  }

  /// Asks for a tick, instead of the one that is waited for.
  func tick(after delay: Duration) {
    tickTime = environment.now() + delay
  }

  /// Whether the tick's time has come; it comes once.
  func takeTick() -> Bool {
    guard let tickTime, tickTime <= environment.now() else { return false }
    self.tickTime = nil
    return true
  }

  /// What other threads answered, without the answers to what was cancelled.
  func takeAnswers() -> [Mailbox.Letter] { mailbox.takeAll() }

  /// Whether an answer is still wanted. Asked just before it is acted upon: the action before may have cancelled it.
  func accepts(_ letter: Mailbox.Letter) -> Bool {
    if let work = letter.work, work != self.work { return false }
    switch letter.action {
    case .runStarted(let run, _):
      guard starts.removeValue(forKey: run) != nil else { return false }
      answered[run] = 0
    case .stepCompleted(let run, _): answered[run, default: 0] += 1
    case .runFailed(let run, _): starts[run] = nil
    case .exportEnded(let number, _): exports[number] = nil
    case .progress, .seedDrawn, .galleryAdvanced, .noisePreviewed, .commandLine, .tick: break
    case .key, .mouse, .paste, .resize, .hangUp, .playback, .run, .compare, .gallery, .inspect, .display, .keep,
      .program:
      break
    }
    return true
  }
}
