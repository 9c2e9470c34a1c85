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

  @Test("Two callers take turns")
  func twoCallers() async throws {
    let pool = try #require(ThreadPool(threads: 2))
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<100 { pool.forEach(items: 10) { range in counter.total.withLock { $0 += range.count } } }
        }
      }
    }
    #expect(counter.total.withLock { $0 } == 4000)
  }

  private final class Counter: Sendable {
    let total = Mutex(0)
  }

  @Test("No threads, no pool", arguments: [0, -1])
  func noThreads(threads: Int) {
    #expect(ThreadPool(threads: threads) == nil)
  }
}
