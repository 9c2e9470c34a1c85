import TensorKernels

/// A place of a UNet's blocks.
package enum UNetPlace: Sendable, Equatable {
  /// A level on the way down, counted from the largest image.
  case down(Int)
  case middle
  /// A level on the way up, counted from the smallest image.
  case up(Int)
}

/// What the blocks of a UNet are built from: the part of a configuration that UNets have in common.
package protocol UNetBlockConfiguration: Sendable {
  var inChannels: Int { get }
  var outChannels: Int { get }
  var convInKernel: Int { get }
  var convOutKernel: Int { get }
  /// The channels of each level, largest image first.
  var blockOutChannels: [Int] { get }
  /// The channels of the time embedding that residual blocks read.
  var blockTimeChannels: Int { get }
  var flipSinToCos: Bool { get }
  var freqShift: Int { get }
  var centerInputSample: Bool { get }
  /// The residual blocks in the middle.
  var midBlockLayers: Int { get }
  var midBlockScaleFactor: Double { get }
  var downsamplePadding: Int { get }
  var normEps: Double { get }
  var resnetTimeScaleShift: UNet2DModelConfig.ResnetTimeScaleShift { get }
  /// The function behind the norms of residual blocks.
  var activation: Activation { get }
  var sampleSize: (height: Int, width: Int)? { get }

  /// The number of groups of a norm of residual blocks, for a number of channels.
  func groups(channels: Int) -> Int

  /// What a level is made of.
  func plan(at place: UNetPlace) -> UNetLevelPlan

  /// The residual blocks of a level on the way down, counted from the largest image; on the way up there is one more.
  func layers(ofLevel level: Int) -> Int

  /// The size of the feature maps of level `index` (0 is the full size); nil where `sample_size` is null.
  func level(_ index: Int) -> LevelSize?

  /// The number of residual blocks, from the first on, that attention follows.
  func attentions(at place: UNetPlace) -> Int

  /// Checks that a sample can have a size.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that says which sizes are possible.
  func validate(height: Int, width: Int) throws

  /// Reads the attention `name`, for a number of channels.
  func attention(
    _ name: String, at place: UNetPlace, channels: Int, from reader: ParameterReader
  ) throws -> UNetAttention
}

extension UNetBlockConfiguration {
  package var activation: Activation { .silu }

  /// More than in any model, and far below where a product of two could overflow.
  static var largestExtent: Int { 1 << 20 }

  /// The number that a sample's height and width must be multiples of: each level but the last halves them.
  var sideMultiple: Int { 1 << max(0, blockOutChannels.count - 1) }

  /// The sines and cosines of a timestep.
  var timesteps: Timesteps {
    Timesteps(channels: blockOutChannels[0], flipSinToCos: flipSinToCos, freqShift: freqShift)
  }

  /// A sample as the first convolution reads it.
  func input(_ sample: Tensor<Float>, in context: ComputeContext) throws -> FeatureMap {
    let center = centerInputSample
    return try context.naming("sample") {
      try FeatureMap(sample, on: context.backend) { center ? 2 * $0 - 1 : $0 }
    }
  }

  /// Checks the shape of a sample.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that says which shapes are possible.
  func validate(sample shape: [Int]) throws {
    guard shape.count == 4, shape[1] == inChannels, shape.allSatisfy({ $0 > 0 }) else {
      throw DiffusionError(
        .usage, "a sample of shape \(shape) does not fit: expected [batch, \(inChannels), height, width]")
    }
    try validate(height: shape[2], width: shape[3])
  }

  /// Checks that a sample's size can be halved from level to level and doubled back exactly.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the nearest sizes that are possible.
  func validateSides(height: Int, width: Int) throws {
    let multiple = sideMultiple
    for (side, extent) in [("height", height), ("width", width)] {
      guard extent < 1 || extent > Self.largestExtent || extent % multiple != 0 else { continue }
      let below = min(max(extent, 0), Self.largestExtent) / multiple * multiple
      let above = below + multiple
      let nearest = below == 0 ? "\(above)" : above > Self.largestExtent ? "\(below)" : "\(below) or \(above)"
      throw DiffusionError(
        .usage,
        "sample size \(height)x\(width): \(side) \(extent) does not divide into the model's \(blockOutChannels.count) "
          + "levels: expected a multiple of \(multiple); use \(nearest)")
    }
  }
}

/// The checks of a configuration, with the name of its file in error messages.
struct ConfigurationChecks {
  let file: String

  func error(_ key: String, _ found: some CustomStringConvertible, expected: String) -> DiffusionError {
    DiffusionError(.badData, "\(file): \(key) is \(found): expected \(expected)")
  }

  /// Refuses a whole number that is out of range; nil is in range.
  func range(
    _ key: String, _ value: Int?, in range: ClosedRange<Int> = 1...UNet2DModelConfig.largestExtent
  ) throws {
    guard let value, !range.contains(value) else { return }
    throw error(key, value, expected: "\(range.lowerBound) to \(range.upperBound)")
  }

  /// Refuses lists of another length than the list of blocks on the way down. The wording is that of Diffusers.
  func count(_ key: String, _ count: Int, levels: Int) throws {
    guard count != levels else { return }
    throw DiffusionError(
      .badData,
      "\(file): must provide the same number of `\(key)` as `down_block_types`: found \(count) and \(levels)")
  }

  /// Checks what all UNets have in common: levels, and the numbers of the norms.
  func common(_ config: some UNetBlockConfiguration, downBlocks: Int, upBlocks: Int) throws {
    guard downBlocks == upBlocks else {
      throw DiffusionError(
        .badData,
        "\(file): must provide the same number of `down_block_types` as `up_block_types`: "
          + "found \(downBlocks) and \(upBlocks)")
    }
    try count("block_out_channels", config.blockOutChannels.count, levels: downBlocks)
    guard (1...16).contains(downBlocks) else {
      throw DiffusionError(.badData, "\(file): block_out_channels has \(downBlocks) levels: expected 1 to 16")
    }
    try range("sample_size", config.sampleSize?.height)
    try range("sample_size", config.sampleSize?.width)
    try range("in_channels", config.inChannels)
    try range("out_channels", config.outChannels)
    for (level, channels) in config.blockOutChannels.enumerated() {
      try range("block_out_channels[\(level)]", channels)
    }
    guard config.normEps.isFinite, config.normEps >= 0 else {
      throw error("norm_eps", config.normEps, expected: "a number that is not negative")
    }
    guard config.midBlockScaleFactor.isFinite, config.midBlockScaleFactor != 0 else {
      throw error("mid_block_scale_factor", config.midBlockScaleFactor, expected: "a number other than 0")
    }
  }

  /// `get_timestep_embedding` divides by half the channels less the shift, and needs at least two channels.
  func sinusoids(_ config: some UNetBlockConfiguration) throws {
    let channels = config.blockOutChannels[0]
    guard channels >= 2 else {
      throw error("block_out_channels[0]", channels, expected: "at least 2, for a sine and a cosine")
    }
    guard config.freqShift < channels / 2, config.freqShift >= -UNet2DModelConfig.largestExtent else {
      throw error(
        "freq_shift", config.freqShift, expected: "less than half of block_out_channels[0], \(channels / 2)")
    }
  }
}
