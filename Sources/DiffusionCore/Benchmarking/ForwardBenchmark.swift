/// A benchmark of a model: its loading, and its forward passes on noise.
public struct ForwardBenchmark: Sendable {
  private let model: any PipelineModel
  /// The time from opening the files to a model that is ready to compute, in seconds.
  public let loadSeconds: Double
  /// A line for each doubtful place in the model's files, as ``DiffusionPipeline/warnings``.
  public let warnings: [String]
  private let input: ModelInput
  private let clock: any Clock<Duration>

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - device: The device to compute on.
  ///   - threads: The number of threads.
  ///   - batchSize: The number of images in a forward pass, at least 1.
  ///   - height: The height of an image in pixels; nil for that which the model was trained on, or 32 where the
  ///     configuration names none.
  ///   - width: The width, likewise.
  ///   - clock: The clock to measure with.
  /// - Throws: ``DiffusionError``, as ``DiffusionPipeline/load(_:device:threads:weights:environment:progress:)``;
  ///   `usage` for a size that the model cannot make.
  public init(
    source: ModelSource, device: Device, threads: Int, batchSize: Int, height: Int? = nil, width: Int? = nil,
    clock: any Clock<Duration> = ContinuousClock()
  ) throws {
    let (pipeline, seconds) = try Stopwatch.measure(by: clock) {
      try DiffusionPipeline.load(source, device: device, threads: threads)
    }
    (model, warnings) = (pipeline.model, pipeline.warnings)
    input = try model.exampleInput(
      of: RunSettings(batchSize: batchSize, threads: threads, height: height, width: width))
    loadSeconds = seconds
    self.clock = clock
  }

  /// The shape of the sample that a forward pass takes, `[images, channels, height, width]`.
  public var inputShape: [Int] { input.sample.shape }

  /// The network of an unconditional model.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for another network.
  public var unet: UNet2DModel { get throws { try DiffusionPipeline.unet(of: model) } }

  /// Runs one forward pass.
  ///
  /// - Parameter progress: Called before each block; may throw to stop.
  /// - Returns: The time taken, in seconds.
  /// - Throws: What `progress` throws.
  public func forward(progress: ForwardProgressHandler? = nil) throws -> Double {
    try Stopwatch.measure(by: clock) { try model(input, progress: progress) }.seconds
  }

  /// Runs one forward pass and times each layer, which itself takes some time.
  ///
  /// - Parameter progress: Called before each block; may throw to stop.
  /// - Throws: What `progress` throws.
  public func profile(progress: ForwardProgressHandler? = nil) throws -> ForwardTiming {
    let profiler = LayerProfiler(clock: clock)
    let (_, seconds) = try Stopwatch.measure(by: clock) {
      try model.predict(input, profiler: profiler, progress: progress)
    }
    return ForwardTiming(seconds: seconds, layers: profiler.timings)
  }
}

/// The time of a forward pass and of each of its layers. Layers run one after another, and their times add up to less
/// than that of the whole pass.
public struct ForwardTiming: Sendable, Equatable {
  /// The time of the whole pass, in seconds.
  public let seconds: Double
  /// The layers in the order they ran.
  public let layers: [LayerTiming]

  /// Creates a timing from that of a pass and its layers, in the order they ran.
  public init(seconds: Double, layers: [LayerTiming]) {
    self.seconds = seconds
    self.layers = layers
  }
}
