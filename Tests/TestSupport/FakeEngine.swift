import DiffusionCore
import Dispatch
import Synchronization

/// An engine without a model, whose steps take as long as a test requires.
public struct FakeEngine: DenoisingEngine {
  /// The test's control of the engine; shared with the test's thread.
  public final class Controls: Sendable {
    /// The pace of a step.
    public enum Pace: Sendable, Equatable {
      /// It is done at once.
      case instant
      /// It reports blocks until it is cancelled.
      case endless
      /// After its last block it waits for ``Controls/release()``, and cannot be cancelled.
      case held
      /// A number of steps from now on are done at once; the next ones are endless.
      case endlessAfter(Int)
    }

    private let pace: Mutex<Pace>
    private let failure: Mutex<DiffusionError?>
    private let gate = DispatchSemaphore(value: 0)
    private let computed = Mutex(0)
    private let failingSeeds = Mutex<Set<Seed>>([])
    private let passSize = Mutex(1)

    /// Creates controls.
    ///
    /// - Parameter failure: The error of creating a run.
    public init(pace: Pace = .instant, failure: DiffusionError? = nil) {
      self.pace = Mutex(pace)
      self.failure = Mutex(failure)
    }

    /// The number of steps that were computed to their end.
    public var computedSteps: Int { computed.withLock { $0 } }

    /// Changes the pace of future steps.
    public func setPace(_ pace: Pace) {
      self.pace.withLock { $0 = pace }
    }

    /// Makes the creation of future runs fail, or succeed again.
    public func setFailure(_ failure: DiffusionError?) {
      self.failure.withLock { $0 = failure }
    }

    /// Makes the steps of runs with these seeds fail, and no others.
    public func setFailingSeeds(_ seeds: Set<Seed>) {
      failingSeeds.withLock { $0 = seeds }
    }

    /// The number of runs that take their steps together.
    public func setPassSize(_ size: Int) {
      passSize.withLock { $0 = size }
    }

    /// Releases one held step.
    public func release() { gate.signal() }

    func checkFailure() throws {
      if let failure = failure.withLock({ $0 }) { throw failure }
    }

    func checkStep(of settings: RunSettings) throws {
      if !failingSeeds.withLock({ $0.isDisjoint(with: settings.seeds) }) {
        throw DiffusionError(.unavailable, "out of memory")
      }
    }

    func places(of count: Int) -> [[Int]] {
      let size = passSize.withLock { $0 }
      return stride(from: 0, to: count, by: size).map { Array($0..<min(count, $0 + size)) }
    }

    private func nextPace() -> Pace {
      pace.withLock { pace in
        guard case .endlessAfter(let steps) = pace else { return pace }
        pace = steps > 1 ? .endlessAfter(steps - 1) : .endless
        return .instant
      }
    }

    func passTime(_ progress: ForwardProgressHandler?) throws {
      let pace = nextPace()
      var block = 0
      repeat {
        try progress?(ForwardProgress(block: "mid_block.resnets.0", completed: block % 4, total: 4))
        block += 1
      } while pace == .endless
      if pace == .held { gate.wait() }
      computed.withLock { $0 += 1 }
    }
  }

  private let controls: Controls

  /// Creates an engine.
  public init(controls: Controls) {
    self.controls = controls
  }

  /// Creates a run, or throws the controls' failure.
  public func makeRun(_ request: RunRequest) throws -> any SteppableRun {
    try controls.checkFailure()
    return try FakeRun(settings: request.settings, controls: controls)
  }

  /// As many runs together as the controls state.
  public func passes(of runs: [any SteppableRun]) -> [[Int]] { controls.places(of: runs.count) }
}
