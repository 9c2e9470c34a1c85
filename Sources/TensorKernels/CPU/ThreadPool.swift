import CTensorKernels
import Synchronization

/// Threads that share the work items of one problem at a time; the caller's thread takes part.
///
/// It is `@unchecked Sendable` because the compiler cannot see behind a C handle. The invariants: both properties are
/// constant; the pool is destroyed only in `deinit`, when no call of ``forEach(items:_:)`` can be under way; and
/// `ctk_pool_run` holds the mutex `callers` of `pool.c` while it uses the description of a problem, which it writes
/// only while no thread may read it. The test "Two callers take turns" checks that there is one caller at a time.
package final class ThreadPool: @unchecked Sendable {
  /// The number of threads, including the caller's.
  package let threads: Int
  private let pool: OpaquePointer

  /// Starts the threads; nil if the system refuses.
  package init?(threads: Int) {
    guard threads >= 1, threads <= 4096, let pool = ctk_pool_create(Int32(threads)) else { return nil }
    self.threads = threads
    self.pool = pool
  }

  deinit { ctk_pool_destroy(pool) }

  /// Runs `body` over all items, each range on one thread, and returns when all are done.
  package func forEach(items: Int, _ body: (Range<Int>) -> Void) {
    forEach(items: items) { _, range in body(range) }
  }

  /// Runs `body` over all items with the index of its thread, from 0 to `threads - 1`. State kept by that index belongs
  /// to one range at a time.
  package func forEach(items: Int, _ body: (_ thread: Int, Range<Int>) -> Void) {
    withoutActuallyEscaping(body) { body in
      var box = Box(body: body)
      withUnsafeMutablePointer(to: &box) { box in
        ctk_pool_run(
          pool,
          { context, thread, begin, end in
            context?.assumingMemoryBound(to: Box.self).pointee.body(Int(thread), begin..<end)
          }, box, items)
      }
    }
  }

  /// Runs `body` as ``forEach(items:_:)`` does, in ranges of at most `step` items, until `check` throws.
  ///
  /// - Parameter check: Called by the caller's thread, before each of its ranges, while the pool is busy: it must not
  ///   use the pool.
  /// - Throws: What `check` throws, once no thread is in `body` any more. The items left are not done.
  package func forEach(
    items: Int, step: Int, check: CancellationCheck?, _ body: (_ thread: Int, Range<Int>) -> Void
  ) throws {
    guard let check, items > step else { return forEach(items: items, body) }
    let isStopped = Atomic(false)
    var reason: (any Error)?
    forEach(items: items) { thread, range in
      for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
        if isStopped.load(ordering: .relaxed) { return }
        // The caller's thread is the first of the pool.
        if thread == 0 {
          do {
            try check()
          } catch {
            reason = error
            return isStopped.store(true, ordering: .relaxed)
          }
        }
        body(thread, first..<min(first + step, range.upperBound))
      }
    }
    if let reason { throw reason }
  }

  private struct Box {
    let body: (Int, Range<Int>) -> Void
  }
}
