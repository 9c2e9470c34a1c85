/// The configuration of a ``VQModel``, in Diffusers' names (`vqvae/config.json`).
///
/// Defaults are those of `diffusers.VQModel.__init__` (`models/autoencoders/vq_model.py`, Diffusers 0.42.1).
public struct VQModelConfig: Sendable, Equatable {
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
  /// The channels between the encoder and the decoder and the convolutions around the codebook.
  public var latentChannels = 3
  /// Height, in pixels, of the images that it was trained on; nil where the file says null.
  public var sampleHeight: Int? = 32
  /// Width, in pixels, of the images that it was trained on; nil where the file says null.
  public var sampleWidth: Int? = 32
  /// The number of vectors in the codebook.
  public var numVqEmbeddings = 256
  /// The number of groups of the group norms.
  public var normNumGroups = 32
  /// The elements of a vector of the codebook, which are the channels of the latents; nil for ``latentChannels``.
  public var vqEmbedDim: Int?
  /// What latents are multiplied by for a diffusion model, and divided by before they are decoded. Pipelines do both.
  public var scalingFactor = 0.18215
  /// The norms of the decoder.
  public var normType = NormType.group
  /// The function behind the norms of the residual blocks.
  public var actFn = ActivationFunction.silu
  /// Whether the middle blocks have attention.
  public var midBlockAddAttention = true
  /// Whether a decoder that does not quantize takes indices of the codebook instead of latents.
  public var lookupFromCodebook = false

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// The channels of the latents: the elements of a vector of the codebook.
  public var codeChannels: Int { vqEmbedDim ?? latentChannels }

  /// The pixels across, and down, of an image for each of its latents.
  public var latentScale: Int { 1 << max(0, blockOutChannels.count - 1) }

  /// The kinds of a level of the encoder (`unet_2d_blocks.get_down_block`).
  public enum DownBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case downEncoderBlock2D = "DownEncoderBlock2D"
    /// Residual blocks, each followed by attention.
    case attnDownEncoderBlock2D = "AttnDownEncoderBlock2D"
  }

  /// The kinds of a level of the decoder (`unet_2d_blocks.get_up_block`).
  public enum UpBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case upDecoderBlock2D = "UpDecoderBlock2D"
    /// Residual blocks, each followed by attention.
    case attnUpDecoderBlock2D = "AttnUpDecoderBlock2D"
  }

  /// The functions behind the norms of residual blocks.
  public typealias ActivationFunction = UNet2DModelConfig.ActivationFunction

  /// The norms of a decoder.
  public enum NormType: String, Sendable, CaseIterable {
    /// Group norms.
    case group
    /// Group norms of 32 groups, each scaled and shifted by the latents.
    case spatial
  }
}

extension VQModelConfig {
  /// Decodes the bytes of a `config.json` as `VQModel.from_config` does, and validates the result.
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
    if reader.value("sample_size") != nil { (sampleHeight, sampleWidth) = try reader.sampleSize() }
    numVqEmbeddings = try reader.int("num_vq_embeddings", default: numVqEmbeddings)
    normNumGroups = try reader.int("norm_num_groups", default: normNumGroups)
    vqEmbedDim = try reader.optionalInt("vq_embed_dim", default: vqEmbedDim)
    scalingFactor = try reader.double("scaling_factor", default: scalingFactor)
    if let value = reader.value("norm_type") { normType = try reader.name("norm_type", value) }
    midBlockAddAttention = try reader.bool("mid_block_add_attention", default: midBlockAddAttention)
    lookupFromCodebook = try reader.bool("lookup_from_codebook", default: lookupFromCodebook)
    _ = try reader.bool("force_upcast", default: false)
    actFn = try reader.activationFunction("act_fn", default: actFn)
    try validate(file: file)
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
    try checks.range("num_vq_embeddings", numVqEmbeddings, in: 1...1 << 24)
    try checks.range("vq_embed_dim", vqEmbedDim)
    try checks.range("norm_num_groups", normNumGroups)
    for (level, channels) in blockOutChannels.enumerated() {
      try checks.range("block_out_channels[\(level)]", channels)
      guard channels % normNumGroups != 0 else { continue }
      throw checks.error(
        "norm_num_groups", normNumGroups, expected: "a divisor of block_out_channels[\(level)], \(channels)")
    }
    guard scalingFactor.isFinite, scalingFactor != 0 else {
      throw checks.error("scaling_factor", scalingFactor, expected: "a number other than 0")
    }
    if normType == .spatial { try validateSpatialNorms(checks) }
  }

  /// The norms read the latents as the codebook has them, and have groups of their own.
  private func validateSpatialNorms(_ checks: ConfigurationChecks) throws {
    guard codeChannels == latentChannels else {
      throw checks.error(
        "vq_embed_dim", codeChannels, expected: "\(latentChannels), as latent_channels, with norm_type 'spatial'")
    }
    for (level, channels) in blockOutChannels.enumerated() where channels % SpatialNorm.groups != 0 {
      throw checks.error(
        "block_out_channels[\(level)]", channels,
        expected: "a multiple of \(SpatialNorm.groups) with norm_type 'spatial'")
    }
  }
}

extension VQModelConfig {
  private var layout: AutoencoderLayout {
    var layout = AutoencoderLayout(
      inChannels: inChannels, outChannels: outChannels, encodedChannels: latentChannels,
      latentChannels: latentChannels, blockOutChannels: blockOutChannels,
      downAttention: downBlockTypes.map { $0 == .attnDownEncoderBlock2D },
      upAttention: upBlockTypes.map { $0 == .attnUpDecoderBlock2D }, layersPerBlock: layersPerBlock,
      normNumGroups: normNumGroups, midBlockAddAttention: midBlockAddAttention)
    layout.activation = actFn.function
    layout.hasSpatialNorms = normType == .spatial
    if let sampleHeight, let sampleWidth { layout.sampleSize = (sampleHeight, sampleWidth) }
    return layout
  }

  /// Reads the encoder, and the convolution after it.
  func encoder(from reader: ParameterReader) throws -> [AutoencoderStage] {
    try layout.encoder(from: reader) + [
      .convolution(try Convolution("quant_conv", latentChannels, codeChannels, kernel: 1, from: reader))
    ]
  }

  /// Reads the decoder, and the convolution before it.
  func decoder(from reader: ParameterReader) throws -> [AutoencoderStage] {
    let quant = try Convolution("post_quant_conv", codeChannels, latentChannels, kernel: 1, from: reader)
    return try [.convolution(quant)] + layout.decoder(from: reader)
  }
}
