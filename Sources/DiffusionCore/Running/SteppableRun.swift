/// A run that is walked one step at a time: ``DenoisingRun``, or a stand-in in tests.
public protocol SteppableRun {
  /// What it runs with.
  var settings: RunSettings { get }
  /// Every step's place on the schedule, in order.
  var schedule: [UpdateTerms] { get }
  /// alpha-bar of every training timestep; empty where it is not known.
  var alphasCumprod: [Float] { get }
  /// The scheduler, as a receipt names it.
  var schedulerRecord: ReceiptScheduler { get }
  /// The noise it starts from, `[batch, channels, height, width]`.
  var initialNoise: Tensor<Float> { get }
  /// x_T, which the first step starts from: the noise, scaled as the scheduler asks for.
  var initialSample: Tensor<Float> { get }
  /// How many steps are done.
  var completedSteps: Int { get }
  /// Takes the next step; a throwing `progress` leaves the run as it was before.
  mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep
  /// The images of one of its samples, `[batch, height, width, channels]` in [0, 1].
  func images(of sample: Tensor<Float>) throws -> Tensor<Float>
}

extension SteppableRun {
  /// Not known.
  public var alphasCumprod: [Float] { [] }
}

/// What makes runs and takes their steps. It is not shared: one thread at a time has it.
public protocol DenoisingEngine {
  /// Makes a run of a model at its noise. May take long, and throws what keeps it from being made.
  mutating func makeRun(_ request: RunRequest) throws -> any SteppableRun

  /// Which runs, by their places, take their next step together; every one is in exactly one pass.
  func passes(of runs: [any SteppableRun]) -> [[Int]]

  /// Takes the next step of the runs of one pass.
  ///
  /// - Parameters:
  ///   - runs: The runs; one that fails, or whose step is stopped, stays as it was.
  ///   - progress: Told before each block of the model; throws to stop.
  /// - Returns: For each run its step, or why it has none: what `progress` threw, or what went wrong with it alone.
  mutating func step(
    _ runs: inout [any SteppableRun], progress: @escaping ForwardProgressHandler
  ) -> [Result<DenoisingStep, any Error>]
}

extension DenoisingEngine {
  /// Each run alone.
  public func passes(of runs: [any SteppableRun]) -> [[Int]] { runs.indices.map { [$0] } }

  /// One run after the other.
  public mutating func step(
    _ runs: inout [any SteppableRun], progress: @escaping ForwardProgressHandler
  ) -> [Result<DenoisingStep, any Error>] {
    runs.indices.map { index in Result { try runs[index].step(progress: progress) } }
  }
}
