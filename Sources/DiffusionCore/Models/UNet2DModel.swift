import TensorKernels

/// A UNet that predicts the noise in an image (`diffusers.UNet2DModel`, `models/unets/unet_2d.py`).
///
/// The same sample, timestep and weights give the same bits on every device, with any number of threads, alone or in a
/// batch.
public final class UNet2DModel: Sendable {
  /// The configuration it was built from.
  public let config: UNet2DModelConfig
  /// The device that it computes on.
  public let device: Device
  /// The number of threads that it computes with.
  public let threads: Int
  /// The precision that its weights were rounded to.
  public let weights: WeightPrecision

  private let parameters: ParameterStore
  private let context: ComputeContext
  private let convIn: Convolution
  private let timeEmbedding: TimestepEmbedding
  private let downBlocks: [UNetDownBlock]
  private let midBlock: UNetMidBlock?
  private let upBlocks: [UNetUpBlock]
  private let convNormOut: GroupNorm
  private let convOut: Convolution

  /// Creates a model from its configuration and its weights, each of which must be present, have the right shape, and
  /// be used.
  ///
  /// - Parameters:
  ///   - config: The configuration.
  ///   - parameters: The weights.
  ///   - device: The device to compute on.
  ///   - threads: The number of threads, 1 to 1024.
  ///   - weights: The precision that the weights are rounded to.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: ``DiffusionError``: `badData` for a configuration that contradicts itself or weights that do not fit it,
  ///   `usage` or `unavailable` for a number of threads that is not possible; what `progress` throws.
  public init(
    config: UNet2DModelConfig, parameters: ParameterStore, device: Device = .cpu, threads: Int,
    weights: WeightPrecision = .float32, progress: OpeningProgressHandler? = nil
  ) throws {
    try config.validate(file: "the configuration")
    try MemoryBudget.current().require(
      MemoryEstimate.weights(parameters), for: "the model's weights", remedy: "take a smaller model, or free memory")
    context = try ComputeContext(device: device, threads: threads)
    let reader = ParameterReader(parameters.rounded(to: weights), context: context, progress: progress)
    let channels = config.blockOutChannels, first = channels[0], last = channels[channels.count - 1]
    convIn = try Convolution("conv_in", config.inChannels, first, from: reader)
    timeEmbedding = try TimestepEmbedding(
      channels: first, timeChannels: config.timeEmbedDim, flipSinToCos: config.flipSinToCos,
      freqShift: config.freqShift, from: reader)
    downBlocks = try channels.indices.map { try UNetDownBlock($0, config: config, from: reader) }
    midBlock =
      config.midBlockType == nil ? nil : try UNetMidBlock(config: config, channels: last, from: reader)
    upBlocks = try channels.indices.map { try UNetUpBlock($0, config: config, from: reader) }
    convNormOut = try GroupNorm(
      "conv_norm_out", channels: first, groups: config.normNumGroups, epsilon: config.normEps, from: reader)
    convOut = try Convolution("conv_out", first, config.outChannels, from: reader)
    try reader.finish()
    self.config = config
    self.device = device
    self.threads = threads
    self.weights = weights
    self.parameters = parameters
  }

  /// The same model on another device or number of threads, or with its weights, as they are in the file, rounded to
  /// another precision (nil keeps the precision); the model itself if nothing changes.
  ///
  /// - Parameters:
  ///   - device: The device to compute on.
  ///   - threads: The number of threads.
  ///   - weights: The precision that the weights are rounded to.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: As the initialiser.
  public func on(
    _ device: Device, threads: Int, weights: WeightPrecision? = nil, progress: OpeningProgressHandler? = nil
  ) throws -> UNet2DModel {
    let weights = weights ?? self.weights
    guard device != self.device || threads != self.threads || weights != self.weights else { return self }
    return try UNet2DModel(
      config: config, parameters: parameters, device: device, threads: threads, weights: weights, progress: progress)
  }

  /// Predicts the noise in a sample.
  ///
  /// - Parameters:
  ///   - sample: `[batch, inChannels, height, width]`; height and width must be multiples of 2 to the number of levels
  ///     less one.
  ///   - timestep: The training timestep, the same for the whole batch.
  ///   - progress: Called before each block runs; an error it throws stops the pass there.
  /// - Returns: `[batch, outChannels, height, width]`.
  /// - Throws: ``DiffusionError`` (`usage`) if the sample does not fit or the timestep is beyond 2^20, or what
  ///   `progress` throws.
  public func callAsFunction(
    _ sample: Tensor<Float>, timestep: Float, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    try predict(sample, timestep: timestep, progress: progress)
  }

  /// Predicts, with an observer or a profiler of the layers.
  package func predict(
    _ sample: Tensor<Float>, timestep: Float, observer: LayerObserver? = nil, profiler: LayerProfiler? = nil,
    progress: ForwardProgressHandler?
  ) throws -> Tensor<Float> {
    try checkSample(sample.shape)
    guard timestep.magnitude <= TimestepEmbedding.largestTimestep else {
      throw DiffusionError(
        .usage,
        "timestep \(timestep.wholeText) is out of range: expected at most "
          + "\(TimestepEmbedding.largestTimestep.wholeText) in magnitude")
    }
    context.backend.begin(use: sample.shape)
    let timesteps = Array(repeating: timestep, count: sample.shape[0])
    var context = context
    (context.observer, context.profiler) = (observer, profiler)
    var pass = ForwardPass(
      context: context, time: try timeEmbedding.activated(timesteps: timesteps, in: context), blocks: blocks,
      report: progress)
    let center = config.centerInputSample
    let input = try context.naming("sample") {
      try FeatureMap(sample, on: context.backend) { center ? 2 * $0 - 1 : $0 }
    }
    return try forward(input, in: &pass).tensor(on: context.backend)
  }

  private func checkSample(_ shape: [Int]) throws {
    guard shape.count == 4, shape[1] == config.inChannels, shape.allSatisfy({ $0 > 0 }) else {
      throw DiffusionError(
        .usage, "a sample of shape \(shape) does not fit: expected [batch, \(config.inChannels), height, width]")
    }
    try config.validate(height: shape[2], width: shape[3])
  }

  private var blocks: Int {
    2 + downBlocks.reduce(0) { $0 + $1.blocks } + (midBlock?.blocks ?? 0) + upBlocks.reduce(0) { $0 + $1.blocks }
  }

  private func forward(_ input: FeatureMap, in pass: inout ForwardPass) throws -> FeatureMap {
    try pass.begin(convIn.name)
    var hidden = try convIn(input, in: pass.context)
    var skips = [hidden]
    for block in downBlocks { hidden = try block(hidden, skips: &skips, in: &pass) }
    if let midBlock { hidden = try midBlock(hidden, in: &pass) }
    for block in upBlocks { hidden = try block(hidden, skips: &skips, in: &pass) }
    try pass.begin(convOut.name)
    return try convOut(convNormOut(hidden, silu: true, in: pass.context), in: pass.context)
  }
}

extension UNet2DModel {
  /// The layers, in the order they run, for one image of a given size.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the levels do not divide the size.
  public func describe(height: Int, width: Int) throws -> ModelDescription {
    try config.validate(height: height, width: width)
    var description = ModelDescription()
    var shape = FeatureShape(channels: config.inChannels, height: height, width: width)
    _ = timeEmbedding.describe(shape, in: &description)
    shape = convIn.describe(shape, in: &description)
    var skips = [shape]
    for block in downBlocks { shape = block.describe(shape, skips: &skips, in: &description) }
    if let midBlock { shape = midBlock.describe(shape, in: &description) }
    for block in upBlocks { shape = block.describe(shape, skips: &skips, in: &description) }
    shape = convNormOut.describe(shape, in: &description)
    _ = convOut.describe(shape, in: &description)
    return description
  }
}
