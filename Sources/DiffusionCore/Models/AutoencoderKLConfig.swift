/// The configuration of an ``AutoencoderKL``, in Diffusers' names (`vae/config.json`).
///
/// Defaults are those of `diffusers.AutoencoderKL.__init__` (`models/autoencoders/autoencoder_kl.py`, Diffusers
/// 0.42.1).
public struct AutoencoderKLConfig: Sendable, Equatable {
  /// The channels of the images that are encoded.
  public var inChannels = 3
  /// The channels of the images that are decoded.
  public var outChannels = 3
  /// The kind of each level of the encoder, largest image first.
  public var downBlockTypes: [DownBlockType] = [.downEncoderBlock2D]
  /// The kind of each level of the decoder, smallest image first.
  public var upBlockTypes: [UpBlockType] = [.upDecoderBlock2D]
  /// The channels of each level, largest image first.
  public var blockOutChannels = [64]
  /// The residual blocks of each level of the encoder; the decoder has one more.
  public var layersPerBlock = 1
  /// The channels of the latents.
  public var latentChannels = 4
  /// The number of groups of the group norms.
  public var normNumGroups = 32
  /// Height, in pixels, of the images that it was trained on.
  public var sampleHeight = 32
  /// Width, in pixels, of the images that it was trained on.
  public var sampleWidth = 32
  /// What latents are multiplied by for a diffusion model, and divided by before they are decoded. Pipelines do both.
  public var scalingFactor = 0.18215
  /// What is subtracted from latents before they are scaled; nil for nothing.
  public var shiftFactor: Double?
  /// The mean of each latent channel, for pipelines that use it; nil for none.
  public var latentsMean: [Double]?
  /// The standard deviation of each latent channel, for pipelines that use it; nil for none.
  public var latentsStd: [Double]?
  /// Whether a 1x1 convolution follows the encoder.
  public var useQuantConv = true
  /// Whether a 1x1 convolution precedes the decoder.
  public var usePostQuantConv = true
  /// The function behind the norms of the residual blocks.
  public var actFn = ActivationFunction.silu
  /// Whether the middle blocks have attention.
  public var midBlockAddAttention = true

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// The pixels across, and down, of an image for each of its latents.
  public var latentScale: Int { 1 << max(0, blockOutChannels.count - 1) }

  /// The kinds of a level of the encoder.
  public typealias DownBlockType = VQModelConfig.DownBlockType

  /// The kinds of a level of the decoder.
  public typealias UpBlockType = VQModelConfig.UpBlockType

  /// The functions behind the norms of residual blocks.
  public typealias ActivationFunction = UNet2DModelConfig.ActivationFunction
}

extension AutoencoderKLConfig {
  /// Decodes the bytes of a `config.json` as `AutoencoderKL.from_config` does, and validates the result.
  ///
  /// A missing key takes Diffusers' default. Keys that Diffusers does not know are ignored, as are those that begin
  /// with an underscore. `force_upcast` is ignored because everything is computed in float32.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of range, or asks for something that is not supported.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    let reader = try ConfigurationReader(json: json, file: file)
    self.init()
    inChannels = try reader.int("in_channels", default: inChannels)
    outChannels = try reader.int("out_channels", default: outChannels)
    downBlockTypes = try reader.blockTypes("down_block_types", default: downBlockTypes)
    upBlockTypes = try reader.blockTypes("up_block_types", default: upBlockTypes)
    blockOutChannels = try reader.ints("block_out_channels", default: blockOutChannels)
    layersPerBlock = try reader.int("layers_per_block", default: layersPerBlock)
    latentChannels = try reader.int("latent_channels", default: latentChannels)
    normNumGroups = try reader.int("norm_num_groups", default: normNumGroups)
    useQuantConv = try reader.bool("use_quant_conv", default: useQuantConv)
    usePostQuantConv = try reader.bool("use_post_quant_conv", default: usePostQuantConv)
    midBlockAddAttention = try reader.bool("mid_block_add_attention", default: midBlockAddAttention)
    try readSampleSize(reader)
    try readLatents(reader)
    actFn = try reader.activationFunction("act_fn", default: actFn)
    try validate(file: file)
  }

  private mutating func readSampleSize(_ reader: ConfigurationReader) throws {
    guard let value = reader.value("sample_size") else { return }
    guard case (let height?, let width?) = try reader.sampleSize() else {
      throw reader.error("sample_size", value, expected: "a whole number or [height, width]")
    }
    (sampleHeight, sampleWidth) = (height, width)
  }

  private mutating func readLatents(_ reader: ConfigurationReader) throws {
    scalingFactor = try reader.double("scaling_factor", default: scalingFactor)
    if let value = reader.value("shift_factor"), value != .null {
      guard let shift = value.double else { throw reader.error("shift_factor", value, expected: "a number or null") }
      shiftFactor = shift
    }
    if let value = reader.value("latents_mean"), value != .null {
      latentsMean = try reader.doubles("latents_mean", value)
    }
    if let value = reader.value("latents_std"), value != .null {
      latentsStd = try reader.doubles("latents_std", value)
    }
  }

  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected.
  public func validate(file: String = "config.json") throws {
    let checks = ConfigurationChecks(file: file)
    let levels = downBlockTypes.count
    try checks.count("up_block_types", upBlockTypes.count, levels: levels)
    try checks.count("block_out_channels", blockOutChannels.count, levels: levels)
    guard (1...16).contains(levels) else {
      throw checks.error("block_out_channels", "a list of \(levels) levels", expected: "1 to 16")
    }
    try checks.range("in_channels", inChannels)
    try checks.range("out_channels", outChannels)
    try checks.range("latent_channels", latentChannels)
    try checks.range("layers_per_block", layersPerBlock, in: 1...1024)
    try checks.range("sample_size", sampleHeight)
    try checks.range("sample_size", sampleWidth)
    try checks.range("norm_num_groups", normNumGroups)
    for (level, channels) in blockOutChannels.enumerated() {
      try checks.range("block_out_channels[\(level)]", channels)
      guard channels % normNumGroups != 0 else { continue }
      throw checks.error(
        "norm_num_groups", normNumGroups, expected: "a divisor of block_out_channels[\(level)], \(channels)")
    }
    try validateLatents(checks)
  }

  private func validateLatents(_ checks: ConfigurationChecks) throws {
    guard scalingFactor.isFinite, scalingFactor != 0 else {
      throw checks.error("scaling_factor", scalingFactor, expected: "a number other than 0")
    }
    guard shiftFactor?.isFinite ?? true else {
      throw checks.error("shift_factor", shiftFactor ?? 0, expected: "a number or null")
    }
    for (key, values) in [("latents_mean", latentsMean), ("latents_std", latentsStd)] {
      guard let values else { continue }
      guard values.count == latentChannels, values.allSatisfy(\.isFinite) else {
        throw checks.error(
          key, "a list of \(values.count)", expected: "a number for each of the \(latentChannels) latent_channels")
      }
    }
    guard latentsStd?.contains(0) != true else {
      throw checks.error("latents_std", "a list with 0", expected: "numbers other than 0")
    }
  }
}

extension AutoencoderKLConfig {
  private var layout: AutoencoderLayout {
    var layout = AutoencoderLayout(
      inChannels: inChannels, outChannels: outChannels, encodedChannels: 2 * latentChannels,
      latentChannels: latentChannels, blockOutChannels: blockOutChannels,
      downAttention: downBlockTypes.map { $0 == .attnDownEncoderBlock2D },
      upAttention: upBlockTypes.map { $0 == .attnUpDecoderBlock2D },
      layersPerBlock: layersPerBlock, normNumGroups: normNumGroups, midBlockAddAttention: midBlockAddAttention,
      sampleSize: (sampleHeight, sampleWidth))
    layout.activation = actFn.function
    return layout
  }

  /// Reads the encoder, and the convolution after it.
  func encoder(from reader: ParameterReader) throws -> [AutoencoderStage] {
    let stages = try layout.encoder(from: reader)
    guard useQuantConv else { return stages }
    let quant = try Convolution("quant_conv", 2 * latentChannels, 2 * latentChannels, kernel: 1, from: reader)
    return stages + [.convolution(quant)]
  }

  /// Reads the decoder, and the convolution before it.
  func decoder(from reader: ParameterReader) throws -> [AutoencoderStage] {
    guard usePostQuantConv else { return try layout.decoder(from: reader) }
    let quant = try Convolution("post_quant_conv", latentChannels, latentChannels, kernel: 1, from: reader)
    return try [.convolution(quant)] + layout.decoder(from: reader)
  }
}
