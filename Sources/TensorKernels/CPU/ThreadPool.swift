import CTensorKernels

/// Threads that share the work items of one problem at a time; the caller's thread takes part.
///
/// `@unchecked Sendable`, since the compiler cannot look behind a C handle. What it would have to see: both properties
/// are constants; the pool is destroyed in `deinit` alone, when no call of ``forEach(items:_:)`` can be under way; and
/// `ctk_pool_run` holds the mutex `callers` of `pool.c` for as long as it uses what a problem is described with, which
/// it writes only while no thread may read it. One caller at a time is what the test "Two callers take turns" watches.
package final class ThreadPool: @unchecked Sendable {
  /// How many threads take part.
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

  /// The same, told which thread it runs on, from 0 to `threads - 1`: what is kept by that number belongs to one range
  /// at a time.
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

  private struct Box {
    let body: (Int, Range<Int>) -> Void
  }
}
