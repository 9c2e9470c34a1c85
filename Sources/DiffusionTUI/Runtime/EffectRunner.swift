import DiffusionCore

/// Carries out what the reducer requests of the engine and the clock, and answers through a ``Mailbox``. Belongs to the
/// terminal's thread; only ``stop()`` waits.
final class EffectRunner {
  /// The time of the next ``Action/tick``, on the environment's clock.
  private(set) var tickTime: Duration?

  private let environment: ExplorerEnvironment
  private let mailbox: Mailbox
  private let session: DenoisingSession
  private let gallery: GalleryRunner
  private let sweep: SweepWatcher
  private var steps: Task<Void, Never>?
  private var preview: Task<Void, Never>?
  private var decoding: Task<Void, Never>?
  private var attention: Task<Void, Never>?
  private let writing = BlockingExecutor(label: "exports")
  private let asking = BlockingExecutor(label: "drivers")
  private var exports: [Int: Task<Void, Never>] = [:]
  private var starts: [Int: Task<Void, Never>] = [:]
  /// The number of the latest batch of steps, the only one whose answers are wanted.
  private var work = 0
  /// The number of steps answered for each run.
  private var answered: [Int: Int] = [:]

  /// Creates an idle runner.
  init(environment: ExplorerEnvironment, mailbox: Mailbox) {
    self.environment = environment
    self.mailbox = mailbox
    session = DenoisingSession(makeEngine: environment.makeEngine)
    gallery = GalleryRunner(session: session, mailbox: mailbox, now: environment.now)
    sweep = SweepWatcher(read: environment.readSweep, mailbox: mailbox)
  }

  /// Cancels the steps being computed, and starts a run from its noise once those requested before have started.
  func start(run: Int, _ request: RunRequest) {
    cancel()
    starts[run] = Task.detached(executorPreference: session.executor) { [session, mailbox] in
      do {
        let description = try await session.start(run: run, request) { mailbox.post(.modelOpening(run: run, $0)) }
        mailbox.post(.runStarted(run: run, description))
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
      // Throws only when cancelled, and then nobody waits for an answer.
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

  /// Stops the steps being computed; answers that they still give are dropped.
  func cancel() {
    steps?.cancel()
    steps = nil
    work += 1
  }

  /// Discards runs. One that has not started yet is no longer created.
  func discard(runs: [Int]) {
    for run in runs {
      starts.removeValue(forKey: run)?.cancel()
      answered[run] = nil
    }
    Task.detached(executorPreference: session.executor) { [session] in await session.discard(runs: runs) }
  }

  /// Decodes latents, replacing any earlier request.
  func decode(_ request: DecodeRequest) {
    decoding?.cancel()
    decoding = Task.detached(executorPreference: session.executor) { [session, mailbox] in
      do {
        mailbox.post(.decoded(request, try await session.decode(request)))
      } catch is CancellationError {
        return
      } catch {
        mailbox.post(.decodingFailed(request, message: String(describing: error)))
      }
    }
  }

  /// Stops decoding; an answer that still comes is dropped by the state.
  func cancelDecoding() {
    decoding?.cancel()
    decoding = nil
  }

  /// Computes the attention of a step, replacing any earlier request.
  func attend(_ request: AttentionRequest) {
    attention?.cancel()
    attention = Task.detached(executorPreference: session.executor) { [session, mailbox] in
      do {
        mailbox.post(.attended(request, try await session.attend(request)))
      } catch is CancellationError {
        return
      } catch {
        mailbox.post(.attentionFailed(request, message: String(describing: error)))
      }
    }
  }

  /// Asks for the devices of the machine, in parallel with any computation.
  func listDevices() {
    Task.detached(executorPreference: asking) { [mailbox, list = environment.listDevices] in
      mailbox.post(.devicesListed(list()))
    }
  }

  /// Stops computing attention; an answer that still comes is dropped by the state.
  func cancelAttention() {
    attention?.cancel()
    attention = nil
  }

  /// Computes a gallery, or stops computing it.
  func carryOut(_ effect: GalleryEffect) { gallery.carryOut(effect) }

  /// Watches the folder of a sweep, or stops watching.
  func carryOut(_ effect: SweepEffect) { sweep.carryOut(effect) }

  /// Draws the noise of a run, replacing any earlier request. If it cannot be drawn there is no answer: starting the
  /// run reports why.
  func previewNoise(_ request: RunRequest) {
    preview?.cancel()
    preview = Task.detached(executorPreference: session.executor) { [session, mailbox] in
      guard let description = try? await session.describe(request) else { return }
      mailbox.post(.noisePreviewed(description))
    }
  }

  /// Writes a file, in parallel with any computation.
  func export(number: Int, _ export: ExplorerExport) {
    exports[number] = Task.detached(executorPreference: writing) { [mailbox, keeper = environment.keeper] in
      // Throws only when cancelled, and then nobody waits for an answer.
      let result = try? keeper.result(of: export) { try Task.checkCancellation() }
      if let result { mailbox.post(.exportEnded(number: number, result)) }
    }
  }

  /// Computes a run, then writes a file about it. The runs on the screen wait for the computation.
  func exportRun(number: Int, _ run: RunRequest, _ target: ExplorerExport.Target) {
    exports[number] = Task.detached(executorPreference: writing) { [session, mailbox, keeper = environment.keeper] in
      let result: ExportResult?
      do {
        let recorded = try await session.record(run)
        result = try keeper.result(of: target.export(recorded)) { try Task.checkCancellation() }
      } catch {
        // Nobody waits for the answer of what was cancelled.
        result = error is CancellationError ? nil : .failed(String(describing: error))
      }
      if let result { mailbox.post(.exportEnded(number: number, result)) }
    }
  }

  /// Cancels the writing of a file.
  func cancelExport(number: Int) { exports.removeValue(forKey: number)?.cancel() }

  /// Stops everything, and waits until no file is left half written.
  func stop() {
    cancel()
    gallery.carryOut(.stop)
    sweep.stop()
    preview?.cancel()
    cancelDecoding()
    cancelAttention()
    for export in exports.values { export.cancel() }
    writing.finish()
    for start in starts.values { start.cancel() }
  }

  /// Requests a tick, replacing any that is pending.
  func tick(after delay: Duration) {
    tickTime = environment.now() + delay
  }

  /// Whether a tick is due; true once per tick.
  func takeTick() -> Bool {
    guard let tickTime, tickTime <= environment.now() else { return false }
    self.tickTime = nil
    return true
  }

  /// The answers from other threads, except those to cancelled work.
  func takeAnswers() -> [Mailbox.Letter] { mailbox.takeAll() }

  /// Whether an answer is still wanted. Ask just before acting on it: the preceding action may have cancelled it.
  func accepts(_ letter: Mailbox.Letter) -> Bool {
    if let work = letter.work, work != self.work { return false }
    switch letter.action {
    case .runStarted(let run, _):
      guard starts.removeValue(forKey: run) != nil else { return false }
      answered[run] = 0
    case .stepCompleted(let run, _): answered[run, default: 0] += 1
    case .runFailed(let run, _): starts[run] = nil
    case .exportEnded(let number, _): exports[number] = nil
    case .modelOpening, .progress, .seedDrawn, .galleryAdvanced, .sweepFound, .noisePreviewed, .commandLine, .decoded,
      .decodingFailed, .attended, .attentionFailed, .devicesListed, .tick:
      break
    case .key, .mouse, .paste, .resize, .hangUp, .playback, .run, .compare, .gallery, .inspect, .display, .keep,
      .program, .lesson:
      break
    }
    return true
  }
}
