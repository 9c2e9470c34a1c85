import CTensorKernels

/// Threads that share the work items of one problem at a time; the caller's thread takes part.
///
/// `@unchecked Sendable`: the pool locks; a second caller waits until the first is done.
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
    withoutActuallyEscaping(body) { body in
      var box = Box(body: body)
      withUnsafeMutablePointer(to: &box) { box in
        ctk_pool_run(
          pool, { context, begin, end in context?.assumingMemoryBound(to: Box.self).pointee.body(begin..<end) }, box,
          items)
      }
    }
  }

  private struct Box {
    let body: (Range<Int>) -> Void
  }
}
