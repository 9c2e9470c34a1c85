/// A model, made to be timed: its loading, and its forward passes on noise.
public struct ForwardBenchmark: Sendable {
  /// The model.
  public let unet: UNet2DModel
  /// How long it took from the files to a model that is ready to compute.
  public let loadSeconds: Double
  private let sample: Tensor<Float>
  private let timestep: Float
  private let clock: any Clock<Duration>

  /// Opens a model.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - device: The device that computes.
  ///   - threads: How many threads compute.
  ///   - batchSize: Images in a forward pass, at least 1; of the size that the model was trained on, or 32x32 where it
  ///     names none.
  ///   - clock: What measures.
  /// - Throws: ``DiffusionError``, as ``DiffusionPipeline/load(_:device:threads:weights:environment:)``.
  public init(
    source: ModelSource, device: Device, threads: Int, batchSize: Int, clock: any Clock<Duration> = ContinuousClock()
  ) throws {
    let (unet, seconds) = try Stopwatch.measure(by: clock) {
      try DiffusionPipeline.load(source, device: device, threads: threads).unet
    }
    let generator = Generator(device: .cpu).manualSeed(0)
    sample = try generator.randn(
      [batchSize, unet.config.inChannels, unet.config.sampleHeight ?? 32, unet.config.sampleWidth ?? 32])
    // Any will do: the work does not depend on it.
    timestep = 500
    loadSeconds = seconds
    (self.unet, self.clock) = (unet, clock)
  }

  /// Predicts once.
  ///
  /// - Parameter progress: Told before each block; throws to stop.
  /// - Returns: How many seconds it took.
  /// - Throws: What `progress` throws.
  public func forward(progress: ForwardProgressHandler? = nil) throws -> Double {
    try Stopwatch.measure(by: clock) { try unet(sample, timestep: timestep, progress: progress) }.seconds
  }

  /// Predicts once, with the time of each layer taken, which takes some time itself.
  ///
  /// - Parameter progress: Told before each block; throws to stop.
  /// - Throws: What `progress` throws.
  public func profile(progress: ForwardProgressHandler? = nil) throws -> ForwardTiming {
    let profiler = LayerProfiler(clock: clock)
    let (_, seconds) = try Stopwatch.measure(by: clock) {
      try unet.predict(sample, timestep: timestep, profiler: profiler, progress: progress)
    }
    return ForwardTiming(seconds: seconds, layers: profiler.timings)
  }
}

/// How long a forward pass took, and each of its layers. Layers run one after another, so their
/// times add up to less than its own.
public struct ForwardTiming: Sendable, Equatable {
  /// Of the whole pass.
  public let seconds: Double
  /// The layers in the order they ran.
  public let layers: [LayerTiming]

  /// Puts a pass and its layers together, in the order they ran.
  public init(seconds: Double, layers: [LayerTiming]) {
    self.seconds = seconds
    self.layers = layers
  }
}
