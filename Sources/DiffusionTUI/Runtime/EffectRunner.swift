import DiffusionCore

/// Carries out what the reducer asks of the engine and of the clock, and answers through a ``Mailbox``. Belongs to the
/// terminal's thread; none of its methods waits.
final class EffectRunner {
  /// When to act ``Action/tick``, on the environment's clock.
  private(set) var tickTime: Duration?

  private let environment: ExplorerEnvironment
  private let mailbox: Mailbox
  private let session: DenoisingSession
  private var task: Task<Void, Never>?
  /// The number of the work whose answers are wanted: that of the latest task.
  private var work = 0
  /// The run that is shown, and how many of its steps are.
  private var answered = (run: 0, steps: 0)

  /// Makes one that has nothing to do.
  init(environment: ExplorerEnvironment, mailbox: Mailbox) {
    self.environment = environment
    self.mailbox = mailbox
    session = DenoisingSession(makeEngine: environment.makeEngine)
  }

  /// Cancels what runs and starts a run from its noise.
  func start(run: Int, _ settings: RunSettings) {
    begin { [session] _ in
      .runStarted(run: run, try await session.start(run: run, settings))
    } onError: {
      .runFailed(run: run, message: $0)
    }
  }

  /// Takes the next step of the run.
  func denoise(run: Int) {
    let index = answered.run == run ? answered.steps : 0
    begin { [session, mailbox] work in
      let step = try await session.step(run: run, index: index) { report in
        mailbox.post(.progress(run: run, report), of: work)
      }
      return .stepCompleted(run: run, step)
    } onError: {
      .runFailed(run: run, message: $0)
    }
  }

  /// Stops what is being computed; what it still answers is dropped.
  func cancel() {
    task?.cancel()
    task = nil
    work += 1
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
    guard letter.work == work else { return false }
    switch letter.action {
    // Not when it is asked for: where it cannot be made, the one before goes on.
    case .runStarted(let run, _): answered = (run, 0)
    case .stepCompleted: answered.steps += 1
    default: break
    }
    return true
  }

  private func begin(
    _ operation: @escaping @Sendable (_ work: Int) async throws -> Action,
    onError: @escaping @Sendable (_ message: String) -> Action
  ) {
    cancel()
    task = Task.detached(executorPreference: session.executor) { [work, mailbox] in
      do {
        mailbox.post(try await operation(work), of: work)
      } catch is CancellationError {
        return
      } catch {
        mailbox.post(onError(String(describing: error)), of: work)
      }
    }
  }
}
