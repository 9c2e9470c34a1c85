import Glibc
import Synchronization
import TensorKernels
import Testing

@Suite("The pool of threads")
struct ThreadPoolTests {
  @Test("Every item runs exactly once", arguments: [1, 2, 3, 7], [0, 1, 2, 5, 1000])
  func everyItemOnce(threads: Int, items: Int) throws {
    let pool = try #require(ThreadPool(threads: threads))
    let counts = Mutex([Int](repeating: 0, count: items))
    for _ in 0..<50 {
      pool.forEach(items: items) { range in
        counts.withLock { counts in for item in range { counts[item] += 1 } }
      }
    }
    #expect(counts.withLock { $0 } == [Int](repeating: 50, count: items))
  }

  @Test("A check that does not throw leaves every item done once", arguments: [1, 2, 3], [1, 7, 1000])
  func everyItemChecked(threads: Int, step: Int) throws {
    let pool = try #require(ThreadPool(threads: threads))
    let counts = Mutex([Int](repeating: 0, count: 1000))
    var checks = 0
    try pool.forEach(items: 1000, step: step, check: { checks += 1 }) { _, range in
      #expect(range.count <= step)
      counts.withLock { counts in for item in range { counts[item] += 1 } }
    }
    #expect(counts.withLock { $0 } == [Int](repeating: 1, count: 1000))
    // Work of one step is not worth a check.
    #expect(checks == 0 ? step == 1000 : step < 1000)
  }

  @Test("A check that throws ends the work, and the pool goes on with the next", arguments: [1, 2, 3])
  func stopped(threads: Int) throws {
    let pool = try #require(ThreadPool(threads: threads))
    let done = Mutex(0)
    var checks = 0
    #expect(throws: CancellationError.self) {
      let check = {
        checks += 1
        if checks == 3 { throw CancellationError() }
      }
      try pool.forEach(items: 1_000_000, step: 1, check: check) { _, range in
        done.withLock { $0 += range.count }
        usleep(10)
      }
    }
    #expect(checks == 3)
    #expect(done.withLock { $0 } < 500_000)
    done.withLock { $0 = 0 }
    pool.forEach(items: 100) { range in done.withLock { $0 += range.count } }
    #expect(done.withLock { $0 } == 100)
  }

  @Test("Two callers take turns")
  func twoCallers() async throws {
    let pool = try #require(ThreadPool(threads: 2))
    let watch = Watch()
    await withTaskGroup(of: Void.self) { group in
      for caller in 0..<4 {
        group.addTask {
          for _ in 0..<100 { pool.forEach(items: 10) { watch.see(caller, $0) } }
        }
      }
    }
    #expect(watch.seen.withLock { $0.items } == [1000, 1000, 1000, 1000])
    #expect(watch.seen.withLock { $0.mostAtOnce } == 1)
  }

  /// Counts the items of each caller, and the callers with running items at the same time.
  private final class Watch: Sendable {
    struct Seen {
      var items = [0, 0, 0, 0], running = [0, 0, 0, 0], mostAtOnce = 0
    }
    let seen = Mutex(Seen())

    func see(_ caller: Int, _ range: Range<Int>) {
      seen.withLock { seen in
        seen.items[caller] += range.count
        seen.running[caller] += 1
        seen.mostAtOnce = max(seen.mostAtOnce, seen.running.count { $0 > 0 })
      }
      // Time for another caller to interfere, if that were possible.
      for _ in 0..<10 { seen.withLock { _ in } }
      seen.withLock { $0.running[caller] -= 1 }
    }
  }

  @Test("Without threads there is no pool", arguments: [0, -1])
  func noThreads(threads: Int) {
    #expect(ThreadPool(threads: threads) == nil)
  }
}
