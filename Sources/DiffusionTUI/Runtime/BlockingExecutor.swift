import CNCurses
import Dispatch

/// Runs an actor's jobs, and those of the tasks that call it, one after another on a dispatch queue of its own. A
/// forward pass blocks for up to seconds, which the few threads that Swift's tasks share are not for; nor is there one
/// of them to be counted on, where the terminal's loop occupies the only one. Its threads, and those that they start to
/// compute with, give way to the terminal's, so that a key is not kept waiting where they occupy every processor.
final class BlockingExecutor: SerialExecutor, TaskExecutor {
  private let queue: DispatchQueue

  /// Makes one.
  ///
  /// - Parameter label: Names the queue in debuggers.
  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  /// Waits until the jobs that were there before are done.
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
