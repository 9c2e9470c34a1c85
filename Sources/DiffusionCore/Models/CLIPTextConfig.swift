/// The configuration of a ``CLIPTextModel``, in transformers' names (`text_encoder/config.json`).
///
/// Defaults are those of `CLIPTextConfig` in transformers 5.24.
public struct CLIPTextConfig: Sendable, Equatable {
  /// The number of tokens in the vocabulary.
  public var vocabSize = 49408
  /// The channels of a token.
  public var hiddenSize = 512
  /// The channels between the two linear layers after an attention.
  public var intermediateSize = 2048
  /// The channels of the projected text, with ``CLIPTextModel/Head/projection``.
  public var projectionDim = 512
  /// The number of layers.
  public var numHiddenLayers = 12
  /// The number of attention heads.
  public var numAttentionHeads = 8
  /// The number of tokens that a text can have.
  public var maxPositionEmbeddings = 77
  /// The function between the two linear layers.
  public var hiddenAct = HiddenAct.quickGELU
  /// The value that norms add to the variance.
  public var layerNormEps = 1e-5
  /// The token that ends a text, whose hidden state stands for the whole. 2 means the token with the highest number, as
  /// in checkpoints saved before the number was corrected.
  public var eosTokenID = 49407

  /// Creates a configuration with transformers' defaults.
  public init() {}

  /// Its layers.
  var layer: CLIPEncoderLayer.Form {
    CLIPEncoderLayer.Form(
      channels: hiddenSize, intermediate: intermediateSize, heads: numAttentionHeads, epsilon: layerNormEps,
      activation: hiddenAct, isCausal: true)
  }
}

extension CLIPTextConfig {
  /// The functions of `hidden_act`.
  public enum HiddenAct: String, Sendable, CaseIterable {
    /// x / (1 + e^(-1.702 x)).
    case quickGELU = "quick_gelu"
    /// x times the normal distribution's cumulative function.
    case gelu
  }

  /// Decodes the bytes of a `config.json`, and validates the result.
  ///
  /// A missing key takes transformers' default. Keys that change nothing at inference are ignored. Of the configuration
  /// of a whole CLIP model, `text_config` is read.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of range, or asks for something that is not supported.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    var reader = try ConfigurationReader(json: json, file: file)
    if reader.value("model_type") == .text("clip") { reader = try reader.optionalTable("text_config") ?? reader }
    vocabSize = try reader.int("vocab_size", default: vocabSize)
    hiddenSize = try reader.int("hidden_size", default: hiddenSize)
    intermediateSize = try reader.int("intermediate_size", default: intermediateSize)
    projectionDim = try reader.int("projection_dim", default: projectionDim)
    numHiddenLayers = try reader.int("num_hidden_layers", default: numHiddenLayers)
    numAttentionHeads = try reader.int("num_attention_heads", default: numAttentionHeads)
    maxPositionEmbeddings = try reader.int("max_position_embeddings", default: maxPositionEmbeddings)
    if let value = reader.value("hidden_act") { hiddenAct = try reader.name("hidden_act", value) }
    layerNormEps = try reader.double("layer_norm_eps", default: layerNormEps)
    eosTokenID = try reader.int("eos_token_id", default: eosTokenID)
    try validate(file: file)
  }

  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected, if a number is
  ///   out of range, or the heads do not divide the channels.
  public func validate(file: String = "config.json") throws {
    // More than in any model, and far below where a product of two could overflow.
    let largest = 1 << 20
    let ranges = [
      ("vocab_size", vocabSize, 1...1 << 30), ("hidden_size", hiddenSize, 1...largest),
      ("intermediate_size", intermediateSize, 1...largest), ("projection_dim", projectionDim, 1...largest),
      ("num_hidden_layers", numHiddenLayers, 1...1024), ("num_attention_heads", numAttentionHeads, 1...largest),
      ("max_position_embeddings", maxPositionEmbeddings, 1...largest),
    ]
    for (key, value, range) in ranges where !range.contains(value) {
      throw DiffusionError(
        .badData, "\(file): \(key) is \(value): expected a whole number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    guard hiddenSize.isMultiple(of: numAttentionHeads) else {
      throw DiffusionError(
        .badData,
        "\(file): num_attention_heads is \(numAttentionHeads): expected a divisor of hidden_size, \(hiddenSize)")
    }
    guard layerNormEps >= 0, layerNormEps.isFinite else {
      throw DiffusionError(.badData, "\(file): layer_norm_eps is \(layerNormEps): expected a number from 0")
    }
  }
}
