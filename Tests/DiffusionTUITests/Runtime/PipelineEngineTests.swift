import DiffusionCore
import DiffusionTUI
import Synchronization
import Testing

@Suite struct PipelineEngineTests {
  @Test func opensThePipelineAgainAfterAFailure() {
    let count = Counter()
    var engine = PipelineEngine(load: {
      count.increment()
      throw DiffusionError(.missingInput, "no such folder")
    })
    #expect(count.value == 0)
    for _ in 0..<2 {
      #expect(throws: DiffusionError(.missingInput, "no such folder")) {
        _ = try engine.makeRun(RunSettings(threads: 1))
      }
    }
    #expect(count.value == 2)
  }
}

private final class Counter: Sendable {
  private let number = Mutex(0)
  var value: Int { number.withLock { $0 } }
  func increment() { number.withLock { $0 += 1 } }
}
