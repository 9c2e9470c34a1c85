/// The configuration of a ``CLIPVisionModel``, in transformers' names (`image_encoder/config.json`).
///
/// Defaults are those of `CLIPVisionConfig` in transformers 5.24.
public struct CLIPVisionConfig: Sendable, Equatable {
  /// The channels of a token.
  public var hiddenSize = 768
  /// The channels between the two linear layers after an attention.
  public var intermediateSize = 3072
  /// The features of the projected image.
  public var projectionDim = 512
  /// The number of layers.
  public var numHiddenLayers = 12
  /// The number of attention heads.
  public var numAttentionHeads = 12
  /// The channels of an image.
  public var numChannels = 3
  /// The pixels across, and down, of an image.
  public var imageSize = 224
  /// The pixels across, and down, of a patch.
  public var patchSize = 32
  /// The function between the two linear layers.
  public var hiddenAct = CLIPTextConfig.HiddenAct.quickGELU
  /// The value that norms add to the variance.
  public var layerNormEps = 1e-5

  /// Creates a configuration with transformers' defaults.
  public init() {}

  /// The patches across, and down; pixels that they do not divide are left out.
  var side: Int { imageSize / patchSize }
  /// The tokens of an image: one for the whole, then the patches.
  var tokens: Int { side * side + 1 }
  /// Its layers.
  var layer: CLIPEncoderLayer.Form {
    CLIPEncoderLayer.Form(
      channels: hiddenSize, intermediate: intermediateSize, heads: numAttentionHeads, epsilon: layerNormEps,
      activation: hiddenAct, isCausal: false)
  }
}

extension CLIPVisionConfig {
  /// Decodes the bytes of a `config.json`, and validates the result.
  ///
  /// A missing key takes transformers' default. Keys that change nothing at inference are ignored. Of the configuration
  /// of a whole CLIP model, `vision_config` is read.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of range, or asks for something that is not supported.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    var reader = try ConfigurationReader(json: json, file: file)
    if reader.value("model_type") == .text("clip") { reader = try reader.optionalTable("vision_config") ?? reader }
    hiddenSize = try reader.int("hidden_size", default: hiddenSize)
    intermediateSize = try reader.int("intermediate_size", default: intermediateSize)
    projectionDim = try reader.int("projection_dim", default: projectionDim)
    numHiddenLayers = try reader.int("num_hidden_layers", default: numHiddenLayers)
    numAttentionHeads = try reader.int("num_attention_heads", default: numAttentionHeads)
    numChannels = try reader.int("num_channels", default: numChannels)
    imageSize = try reader.int("image_size", default: imageSize)
    patchSize = try reader.int("patch_size", default: patchSize)
    if let value = reader.value("hidden_act") { hiddenAct = try reader.name("hidden_act", value) }
    layerNormEps = try reader.double("layer_norm_eps", default: layerNormEps)
    try validate(file: file)
  }

  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected, if a number is
  ///   out of range, the heads do not divide the channels, or an image has no whole patch.
  public func validate(file: String = "config.json") throws {
    let checks = ConfigurationChecks(file: file)
    try checks.range("hidden_size", hiddenSize)
    try checks.range("intermediate_size", intermediateSize)
    try checks.range("projection_dim", projectionDim)
    try checks.range("num_hidden_layers", numHiddenLayers, in: 1...1024)
    try checks.range("num_channels", numChannels, in: 3...3)
    try checks.range("image_size", imageSize, in: 1...4096)
    try checks.range("patch_size", patchSize, in: 1...imageSize)
    guard numAttentionHeads > 0, hiddenSize.isMultiple(of: numAttentionHeads) else {
      throw checks.error(
        "num_attention_heads", numAttentionHeads, expected: "a divisor of hidden_size, \(hiddenSize)")
    }
    guard layerNormEps >= 0, layerNormEps.isFinite else {
      throw checks.error("layer_norm_eps", layerNormEps, expected: "a number from 0")
    }
  }
}
