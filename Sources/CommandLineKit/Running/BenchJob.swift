import DiffusionCore

/// Times a model's loading, its forward passes and their layers, and what the machine can do at best.
public struct BenchJob: Sendable {
  /// Passes before those that count: they touch memory for the first time, and wake threads.
  private static let warmUps = 2

  private let request: BenchRequest
  private let clock: any Clock<Duration>
  private let checkCancellation: @Sendable () throws -> Void

  /// Makes a job.
  ///
  /// - Parameters:
  ///   - request: What was asked for.
  ///   - clock: What measures.
  ///   - checkCancellation: Asked before every block of the model; throws to stop there.
  public init(
    request: BenchRequest, clock: any Clock<Duration> = ContinuousClock(),
    checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    self.request = request
    self.clock = clock
    self.checkCancellation = checkCancellation
  }

  /// Measures.
  ///
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func run(_ source: ModelSource) throws -> BenchReport {
    let check = checkCancellation
    let benchmark = try ForwardBenchmark(
      source: source, device: request.device, threads: request.threads, batchSize: request.batchSize, clock: clock)
    for _ in 0..<Self.warmUps { _ = try benchmark.forward { _ in try check() } }
    let forwards = try measure(benchmark)
    // Before the machine is measured, which takes memory of its own.
    let memory = PeakMemory.bytes()
    var peaks: [MachinePeak] = []
    for threads in Set([1, request.threads]).sorted() {
      try check()
      peaks.append(try MachinePeak.measure(threads: threads, clock: clock))
    }
    return BenchReport(
      model: source.name, request: request, loadSeconds: benchmark.loadSeconds, forwards: forwards,
      peakMemory: memory, peaks: peaks)
  }

  /// Every pass that counts; only the shortest keeps its layers, so that the benchmark's own memory is no part of the peak.
  private func measure(_ benchmark: ForwardBenchmark) throws -> [ForwardTiming] {
    let check = checkCancellation
    var shortest = try benchmark.forward { _ in try check() }
    var others: [ForwardTiming] = []
    for _ in 1..<request.repeats {
      var forward = try benchmark.forward { _ in try check() }
      if forward.seconds < shortest.seconds { swap(&forward, &shortest) }
      others.append(ForwardTiming(seconds: forward.seconds, layers: []))
    }
    return [shortest] + others
  }
}
