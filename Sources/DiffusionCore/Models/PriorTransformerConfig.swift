import TensorKernels

/// The configuration of a ``PriorTransformer``, in Diffusers' names (`prior/config.json`).
///
/// Defaults are those of `diffusers.PriorTransformer.__init__` (`models/transformers/prior_transformer.py`, Diffusers
/// 0.42.1).
public struct PriorTransformerConfig: Sendable, Equatable {
  /// The number of attention heads.
  public var numAttentionHeads = 32
  /// The channels of a head.
  public var attentionHeadDim = 64
  /// The number of transformer blocks.
  public var numLayers = 20
  /// The features of an image embedding, and of a token of the text.
  public var embeddingDim = 768
  /// The tokens of the text.
  public var numEmbeddings = 77
  /// The tokens behind the text: its embedding, the timestep, the image embedding and, with ``hasPredictionToken``, one
  /// for the prediction.
  public var additionalEmbeddings = 4
  /// The function between the linear layers of the time embedding.
  public var timeEmbedActFn = UNet2DModelConfig.ActivationFunction.silu
  /// Whether a layer norm is in front of the blocks (`norm_in_type` is `layer`).
  public var normsInput = false
  /// Whether a layer norm is in front of the projection of the text's embedding (`embedding_proj_norm_type`).
  public var normsEmbedding = false
  /// Whether the text's tokens are projected (`encoder_hid_proj_type` is `linear`).
  public var projectsText = true
  /// Whether the last token stands for the prediction (`added_emb_type` is `prd`); else that of the image embedding.
  public var hasPredictionToken = true
  /// The width of the time embedding between its linear layers; nil for the channels of a token.
  public var timeEmbedDim: Int?
  /// The features of the text's embedding; nil for ``embeddingDim``.
  public var embeddingProjDim: Int?
  /// The features of the prediction; nil for ``embeddingDim``.
  public var clipEmbedDim: Int?

  /// Creates a configuration with Diffusers' defaults.
  public init() {}
}

extension PriorTransformerConfig {
  /// The channels of a token.
  public var innerDim: Int { .product(numAttentionHeads, attentionHeadDim) }
  /// The tokens of the text and those behind it.
  var tokens: Int { numEmbeddings + additionalEmbeddings }
  /// The features of the text's embedding.
  var textEmbedDim: Int { embeddingProjDim ?? embeddingDim }
  /// The features of a token of the text.
  var textChannels: Int { projectsText ? embeddingDim : innerDim }
  /// The features of the prediction.
  var predictedDim: Int { clipEmbedDim ?? embeddingDim }
  /// The sines and cosines of a timestep.
  var timesteps: Timesteps { Timesteps(channels: innerDim, flipSinToCos: true, freqShift: 0) }

  /// Decodes the bytes of a `config.json` as `PriorTransformer.from_config` does, and validates the result.
  ///
  /// A missing key takes Diffusers' default. Keys that Diffusers does not know are ignored, as are those that begin
  /// with an underscore, and `dropout`, which does nothing at inference.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of range, or asks for something that is not supported.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    let reader = try ConfigurationReader(json: json, file: file)
    self.init()
    numAttentionHeads = try reader.int("num_attention_heads", default: numAttentionHeads)
    attentionHeadDim = try reader.int("attention_head_dim", default: attentionHeadDim)
    numLayers = try reader.int("num_layers", default: numLayers)
    embeddingDim = try reader.int("embedding_dim", default: embeddingDim)
    numEmbeddings = try reader.int("num_embeddings", default: numEmbeddings)
    additionalEmbeddings = try reader.int("additional_embeddings", default: additionalEmbeddings)
    let name = try reader.optionalString("time_embed_act_fn", default: "silu")?.lowercased() ?? ""
    guard let function = UNet2DModelConfig.ActivationFunction(rawValue: name == "swish" ? "silu" : name) else {
      throw reader.unsupported("time_embed_act_fn", expected: "'silu', 'swish', 'mish', 'gelu' or 'relu'")
    }
    timeEmbedActFn = function
    normsInput = try reader.isNamed("norm_in_type", "layer", default: false)
    normsEmbedding = try reader.isNamed("embedding_proj_norm_type", "layer", default: false)
    projectsText = try reader.isNamed("encoder_hid_proj_type", "linear", default: true)
    hasPredictionToken = try reader.isNamed("added_emb_type", "prd", default: true)
    timeEmbedDim = try reader.optionalInt("time_embed_dim", default: timeEmbedDim)
    embeddingProjDim = try reader.optionalInt("embedding_proj_dim", default: embeddingProjDim)
    clipEmbedDim = try reader.optionalInt("clip_embed_dim", default: clipEmbedDim)
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
    try checks.range("num_layers", numLayers, in: 1...1024)
    try checks.range("embedding_dim", embeddingDim)
    try checks.range("num_embeddings", numEmbeddings, in: 1...1 << 16)
    try checks.range("time_embed_dim", timeEmbedDim)
    try checks.range("embedding_proj_dim", embeddingProjDim)
    try checks.range("clip_embed_dim", clipEmbedDim)
    guard (2...1 << 20).contains(innerDim) else {
      throw checks.error(
        "attention_head_dim", attentionHeadDim,
        expected: "a number that makes 2 to 2^20 channels with num_attention_heads, \(numAttentionHeads)")
    }
    let additional = hasPredictionToken ? 4 : 3
    guard additionalEmbeddings == additional else {
      throw checks.error(
        "additional_embeddings", additionalEmbeddings,
        expected: "\(additional): the text's embedding, the timestep, the image embedding"
          + (hasPredictionToken ? " and the prediction" : ""))
    }
  }
}

extension ConfigurationReader {
  /// Whether a key has a name and not null, which are the only values of it.
  fileprivate func isNamed(_ key: String, _ name: String, default usual: Bool) throws -> Bool {
    switch try optionalString(key, default: usual ? name : nil) {
    case nil: return false
    case name: return true
    default: throw unsupported(key, expected: "'\(name)' or null")
    }
  }
}
