import TensorKernels

/// The configuration of a ``DiTTransformer2DModel``, in Diffusers' names (`transformer/config.json`).
///
/// Defaults are those of `diffusers.DiTTransformer2DModel.__init__` (`models/transformers/dit_transformer_2d.py`,
/// Diffusers 0.42.1).
public struct DiTTransformer2DModelConfig: Sendable, Equatable {
  /// The number of attention heads.
  public var numAttentionHeads = 16
  /// The channels of a head.
  public var attentionHeadDim = 72
  /// The channels of the sample.
  public var inChannels = 4
  /// The channels of the prediction; nil for those of the sample. Twice as many are a mean and a variance.
  public var outChannels: Int?
  /// The number of transformer blocks.
  public var numLayers = 28
  /// Whether queries, keys and values have a bias.
  public var attentionBias = true
  /// The height and the width of the sample.
  public var sampleSize = 32
  /// The pixels across, and down, of a patch.
  public var patchSize = 2
  /// The function between the linear layers of a block.
  public var activationFn = ActivationFn.tanhGELU
  /// The number of classes. One more stands for none of them.
  public var numEmbedsAdaNorm = 1000
  /// Whether the second norm of a block has parameters.
  public var normElementwiseAffine = false
  /// The value that the second norm of a block adds to the variance.
  public var normEps = 1e-5

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// The functions of `activation_fn` (`diffusers.models.attention.FeedForward`).
  public enum ActivationFn: String, Sendable, CaseIterable {
    /// x times the normal distribution's cumulative function.
    case gelu
    /// The same by a hyperbolic tangent.
    case tanhGELU = "gelu-approximate"
    /// GELU of one half of the channels times the other.
    case geglu
    /// x / (1 + e^(-1.702 x)).
    case quickGELU = "geglu-approximate"
    /// SiLU of one half of the channels times the other.
    case swiglu
    /// x / (1 + e^-x).
    case silu = "linear-silu"

    /// The function, and whether it applies to one half of the channels and multiplies the other.
    package var operation: (function: Activation, isGated: Bool) {
      switch self {
      case .gelu: (.gelu, false)
      case .tanhGELU: (.tanhGELU, false)
      case .geglu: (.gelu, true)
      case .quickGELU: (.quickGELU, false)
      case .swiglu: (.silu, true)
      case .silu: (.silu, false)
      }
    }
  }
}

extension DiTTransformer2DModelConfig {
  /// The channels of a token.
  public var innerDim: Int { .product(numAttentionHeads, attentionHeadDim) }
  /// The number of patches across, and down, of the sample.
  package var side: Int { sampleSize / patchSize }
  /// The number of channels of the prediction.
  package var predictedChannels: Int { outChannels ?? inChannels }

  /// What its blocks have in common.
  package var block: AdaptiveTransformerBlock.Shape {
    AdaptiveTransformerBlock.Shape(
      heads: numAttentionHeads, headDim: attentionHeadDim, classes: numEmbedsAdaNorm, attentionBias: attentionBias,
      normAffine: normElementwiseAffine, normEpsilon: normEps, activation: activationFn.operation.function,
      isGated: activationFn.operation.isGated)
  }

  /// Decodes the bytes of a `config.json` as `DiTTransformer2DModel.from_config` does, and validates the result. The
  /// configuration of a `Transformer2DModel` with `ada_norm_zero`, as older folders have it, is one too.
  ///
  /// A missing key takes Diffusers' default. Keys that Diffusers does not know are ignored, as are those that begin
  /// with an underscore, and those that do nothing at inference in float32: `dropout`, `norm_num_groups`,
  /// `upcast_attention`.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of range, or asks for something that is not supported.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    let reader = try ConfigurationReader(json: json, file: file)
    self.init()
    guard try reader.optionalString("norm_type", default: "ada_norm_zero") == "ada_norm_zero" else {
      throw reader.unsupported("norm_type", expected: "'ada_norm_zero', the norm of DiT")
    }
    numAttentionHeads = try reader.int("num_attention_heads", default: numAttentionHeads)
    attentionHeadDim = try reader.int("attention_head_dim", default: attentionHeadDim)
    inChannels = try reader.int("in_channels", default: inChannels)
    outChannels = try reader.optionalInt("out_channels", default: outChannels)
    numLayers = try reader.int("num_layers", default: numLayers)
    attentionBias = try reader.bool("attention_bias", default: attentionBias)
    sampleSize = try reader.int("sample_size", default: sampleSize)
    patchSize = try reader.int("patch_size", default: patchSize)
    if let value = reader.value("activation_fn") { activationFn = try reader.name("activation_fn", value) }
    numEmbedsAdaNorm = try reader.int("num_embeds_ada_norm", default: numEmbedsAdaNorm)
    normElementwiseAffine = try reader.bool("norm_elementwise_affine", default: normElementwiseAffine)
    normEps = try reader.double("norm_eps", default: normEps)
    try validate(file: file)
  }

  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected.
  public func validate(file: String = "config.json") throws {
    let checks = ConfigurationChecks(file: file)
    try checks.range("num_attention_heads", numAttentionHeads)
    try checks.range("attention_head_dim", attentionHeadDim)
    try checks.range("in_channels", inChannels)
    try checks.range("out_channels", outChannels)
    try checks.range("num_layers", numLayers, in: 1...1024)
    try checks.range("num_embeds_ada_norm", numEmbedsAdaNorm)
    try checks.range("patch_size", patchSize, in: 1...1024)
    try checks.range("sample_size", sampleSize)
    guard innerDim <= 1 << 20, innerDim.isMultiple(of: 4) else {
      throw checks.error(
        "attention_head_dim", attentionHeadDim,
        expected: "a number that makes a multiple of 4 with num_attention_heads, \(numAttentionHeads), and at most 2^20"
      )
    }
    guard sampleSize >= patchSize, sampleSize.isMultiple(of: patchSize) else {
      throw checks.error("sample_size", sampleSize, expected: "a multiple of patch_size, \(patchSize)")
    }
    guard normEps.isFinite, normEps >= 0 else {
      throw checks.error("norm_eps", normEps, expected: "a number that is not negative")
    }
  }
}
