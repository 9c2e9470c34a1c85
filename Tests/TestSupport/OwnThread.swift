import Glibc

/// Runs work that waits, for a time limit or another program, on a thread of its own.
///
/// Tests share a pool of as many threads as there are cores: one that waits there keeps another from running.
///
/// - Parameter work: The work.
/// - Returns: What the work returns.
/// - Throws: What the work throws.
package func onOwnThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    runOnOwnThread { continuation.resume(with: Swift.Result(catching: work)) }
  }
}

/// Runs work on a thread of its own, and does not wait for it.
package func runOnOwnThread(_ work: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(work))
  let failure = pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().work() }
      return nil
    }, box.toOpaque())
  guard failure == 0 else { return box.takeRetainedValue().work() }
  pthread_detach(thread)
}
