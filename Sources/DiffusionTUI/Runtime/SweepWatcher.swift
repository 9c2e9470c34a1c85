import DiffusionCore

/// Looks into the folder of a sweep again and again, on a thread of its own, and posts what changed. Belongs to the
/// terminal's thread; its methods do not wait.
final class SweepWatcher {
  /// The shortest time between two looks. A large folder is left alone ten times as long as a look at it takes.
  private static let pause = Duration.milliseconds(500)

  private let read: SweepReader
  private let mailbox: Mailbox
  private let executor = BlockingExecutor(label: "sweep")
  private var task: Task<Void, Never>?

  /// Creates an idle watcher.
  init(read: @escaping SweepReader, mailbox: Mailbox) {
    (self.read, self.mailbox) = (read, mailbox)
  }

  /// Stops what it watches, and watches another folder if the effect asks for one.
  func carryOut(_ effect: SweepEffect) {
    stop()
    guard case .watch(let request) = effect else { return }
    task = Task.detached(executorPreference: executor) { [read, mailbox] in
      await Self.watch(request, read, mailbox)
    }
  }

  /// Looks into the folder until the task is cancelled.
  private static func watch(_ request: SweepWatch, _ read: SweepReader, _ mailbox: Mailbox) async {
    var known: Set<Int> = []
    var last = SweepFinding(number: request.number)
    var isFirst = true
    while !Task.isCancelled {
      let start = ContinuousClock.now
      let found = read(request, known)
      if Task.isCancelled { return }
      known.formUnion(found.pictures.keys)
      if isFirst || found != last { mailbox.post(.sweepFound(found)) }
      (last, isFirst) = (found, false)
      let spent = start.duration(to: ContinuousClock.now)
      try? await Task.sleep(for: max(pause, spent * 10))
    }
  }

  /// Stops watching.
  func stop() {
    task?.cancel()
    task = nil
  }
}
