import Dispatch
import Synchronization

/// Work of a ``DiffusionTUI/DenoisingSession`` that a thread outside Swift's tasks waits for.
final class SessionWork<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let ended = DispatchSemaphore(value: 0)
  private let work: @Sendable () async throws -> Value

  /// Creates work that has not started.
  init(_ work: @escaping @Sendable () async throws -> Value) { self.work = work }

  /// Runs the work to its end.
  ///
  /// - Throws: What the work throws.
  func value() throws -> Value {
    _ = begin()
    ended.wait()
    guard let outcome = outcome.withLock({ $0 }) else { throw CancellationError() }
    return try outcome.get()
  }

  /// Starts the work, and cancels it after a pause.
  ///
  /// - Returns: The time from the cancellation to its end; nil if it was done before.
  /// - Throws: What the work throws, unless it is a `CancellationError`.
  func cancel(after pause: () -> Void) throws -> Duration? {
    let task = begin()
    pause()
    let start = ContinuousClock.now
    task.cancel()
    ended.wait()
    let wait = start.duration(to: .now)
    do {
      _ = try outcome.withLock({ $0 })?.get()
      return nil
    } catch is CancellationError {
      return wait
    }
  }

  private func begin() -> Task<Void, Never> {
    Task.detached {
      let result: Result<Value, any Error>
      do { result = .success(try await self.work()) } catch { result = .failure(error) }
      self.outcome.withLock { $0 = result }
      self.ended.signal()
    }
  }
}
