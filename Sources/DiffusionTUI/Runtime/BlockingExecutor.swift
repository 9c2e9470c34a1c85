import CNCurses
import Dispatch

/// Runs the jobs of an actor, and of the tasks that call it, one after another on its own dispatch queue. A forward
/// pass blocks for up to seconds, which must not happen on the few threads that Swift's tasks share. Nor can one of
/// those be relied on, since the terminal's loop may occupy the only one. The queue's threads, and the compute threads
/// that they start, have a lower priority than the terminal's, so that keys respond even where every processor is busy.
final class BlockingExecutor: SerialExecutor, TaskExecutor {
  private let queue: DispatchQueue

  /// Creates an executor.
  ///
  /// - Parameter label: The name of the queue in debuggers.
  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  /// Waits for all jobs submitted so far.
  func finish() { queue.sync {} }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in
      cnc_use_alternate_stack()
      cnc_yield_to_terminal()
      job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
  }
}
