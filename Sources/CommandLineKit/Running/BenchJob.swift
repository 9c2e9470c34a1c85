import DiffusionCore

/// Measures the time of a model's loading, its forward passes and their layers, and the machine's peak performance.
public struct BenchJob: Sendable {
  /// The number and the minimum time of passes before those that count: they touch memory for the first time, and the
  /// system takes a while to spread threads over its processors.
  private static let warmUps = (count: 2, seconds: 0.2)

  private let request: BenchRequest
  private let clock: any Clock<Duration>
  private let warn: @Sendable ([String]) -> Void
  private let checkCancellation: @Sendable () throws -> Void

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - clock: The clock to measure with.
  ///   - warn: Shows what is doubtful in the model's files.
  ///   - checkCancellation: Called before every block of the model; may throw to stop.
  public init(
    request: BenchRequest, clock: any Clock<Duration> = ContinuousClock(),
    warn: @escaping @Sendable ([String]) -> Void = { _ in }, checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    self.request = request
    self.clock = clock
    self.warn = warn
    self.checkCancellation = checkCancellation
  }

  /// Measures.
  ///
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func run(_ source: ModelSource) throws -> BenchReport {
    let check = checkCancellation
    let benchmark = try ForwardBenchmark(
      source: source, device: request.device, threads: request.threads, batchSize: request.batchSize,
      height: request.height, width: request.width, clock: clock)
    warn(benchmark.warnings)
    try warmUp(benchmark)
    let forwards = try (0..<request.repeats).map { _ in try benchmark.forward { _ in try check() } }
    // Before layers are timed and the machine is measured, which takes memory of its own.
    let memory = PeakMemory.bytes()
    let profile = try profile(benchmark)
    var peaks: [MachinePeak] = []
    for threads in Set([1, request.threads]).sorted() {
      try check()
      peaks.append(try MachinePeak.measure(threads: threads, clock: clock))
    }
    return BenchReport(
      model: source.name, request: request, inputShape: benchmark.inputShape, loadSeconds: benchmark.loadSeconds,
      forwards: forwards, profile: profile,
      peakMemory: memory, peaks: peaks)
  }

  private func warmUp(_ benchmark: ForwardBenchmark) throws {
    let check = checkCancellation
    var count = 0, seconds = 0.0
    while count < Self.warmUps.count || seconds < Self.warmUps.seconds {
      seconds += try benchmark.forward { _ in try check() }
      count += 1
    }
  }

  /// The fastest of several passes whose layers are timed.
  private func profile(_ benchmark: ForwardBenchmark) throws -> ForwardTiming {
    let check = checkCancellation
    var shortest = try benchmark.profile { _ in try check() }
    for _ in 1..<BenchReport.profiles {
      let profile = try benchmark.profile { _ in try check() }
      if profile.seconds < shortest.seconds { shortest = profile }
    }
    return shortest
  }
}
