extension UNet2DConditionModelConfig {
  /// Decodes the bytes of a `config.json` as `UNet2DConditionModel.from_config` does, and validates the result.
  ///
  /// A missing key takes Diffusers' default. Keys that Diffusers does not know are ignored, as are those that begin
  /// with an underscore, and those that do nothing in the configuration's blocks at inference: `dropout`,
  /// `upcast_attention` (all is computed in float32), and without blocks that resample by residual blocks or attend to
  /// text and pixels at once `resnet_skip_time_act`, `resnet_out_scale_factor`, `cross_attention_norm` and
  /// `mid_block_only_cross_attention`.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of range, or asks for something that is not supported.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    let reader = try ConfigurationReader(json: json, file: file)
    self.init()
    try Self.refuseUnsupported(reader)
    try readShape(reader)
    try readBlocks(reader)
    try readAttention(reader)
    try readEmbeddings(reader)
    try refuseUnsupportedResnets(reader)
    try validate(file: file)
  }

  private mutating func readShape(_ reader: ConfigurationReader) throws {
    (sampleHeight, sampleWidth) = try reader.sampleSize()
    inChannels = try reader.int("in_channels", default: inChannels)
    outChannels = try reader.int("out_channels", default: outChannels)
    centerInputSample = try reader.bool("center_input_sample", default: centerInputSample)
    flipSinToCos = try reader.bool("flip_sin_to_cos", default: flipSinToCos)
    freqShift = try reader.int("freq_shift", default: freqShift)
    convInKernel = try reader.int("conv_in_kernel", default: convInKernel)
    convOutKernel = try reader.int("conv_out_kernel", default: convOutKernel)
  }

  private mutating func readBlocks(_ reader: ConfigurationReader) throws {
    downBlockTypes = try reader.blockTypes("down_block_types", default: downBlockTypes)
    if let value = reader.value("mid_block_type") {
      // A null means no middle block.
      midBlockType = nil
      if value != .null { midBlockType = try reader.name("mid_block_type", value) as MidBlockType }
    }
    upBlockTypes = try reader.blockTypes("up_block_types", default: upBlockTypes)
    blockOutChannels = try reader.ints("block_out_channels", default: blockOutChannels)
    layersPerBlock = try reader.intPerLevel("layers_per_block", default: layersPerBlock)
    downsamplePadding = try reader.int("downsample_padding", default: downsamplePadding)
    midBlockScaleFactor = try reader.double("mid_block_scale_factor", default: midBlockScaleFactor)
    normNumGroups = try reader.int("norm_num_groups", default: normNumGroups)
    normEps = try reader.double("norm_eps", default: normEps)
    if let value = reader.value("resnet_time_scale_shift") {
      resnetTimeScaleShift = try reader.name("resnet_time_scale_shift", value)
    }
  }

  private mutating func readAttention(_ reader: ConfigurationReader) throws {
    crossAttentionDim = try reader.intPerLevel("cross_attention_dim", default: crossAttentionDim)
    transformerLayersPerBlock = try reader.intPerLevel(
      "transformer_layers_per_block", default: transformerLayersPerBlock)
    attentionHeadDim = try reader.intPerLevel("attention_head_dim", default: attentionHeadDim)
    useLinearProjection = try reader.bool("use_linear_projection", default: useLinearProjection)
    if case .list(let flags) = reader.value("only_cross_attention") {
      onlyCrossAttention = .each(
        try flags.enumerated().map { index, flag in
          guard case .bool(let value) = flag else {
            throw reader.error("only_cross_attention[\(index)]", flag, expected: "true or false")
          }
          return value
        })
    } else {
      onlyCrossAttention = .all(try reader.bool("only_cross_attention", default: false))
    }
    if midBlockType == .unetMidBlock2DSimpleCrossAttn, let value = reader.value("mid_block_only_cross_attention"),
      value != .null
    {
      midBlockOnlyCrossAttention = try reader.bool("mid_block_only_cross_attention", default: false)
    }
  }

  private mutating func readEmbeddings(_ reader: ConfigurationReader) throws {
    timeEmbeddingDim = try reader.optionalInt("time_embedding_dim", default: timeEmbeddingDim)
    timeEmbeddingActFn = try reader.timeActivation("time_embedding_act_fn")
    timestepPostAct = try reader.timeActivation("timestep_post_act")
    timeCondProjDim = try reader.optionalInt("time_cond_proj_dim", default: timeCondProjDim)
    if let value = reader.value("class_embed_type"), value != .null {
      classEmbedType = try reader.name("class_embed_type", value) as ClassEmbedType
    }
    numClassEmbeds = try reader.optionalInt("num_class_embeds", default: numClassEmbeds)
    projectionClassEmbeddingsInputDim = try reader.optionalInt(
      "projection_class_embeddings_input_dim", default: projectionClassEmbeddingsInputDim)
    classEmbeddingsConcat = try reader.bool(
      "class_embeddings_concat", default: classEmbeddingsConcat)
    switch try reader.optionalString("addition_embed_type", default: nil) {
    case nil: break
    case "text_time": additionTimeEmbedDim = try reader.int("addition_time_embed_dim", default: 0)
    default: throw reader.unsupported("addition_embed_type", expected: "null or 'text_time'")
    }
  }

  /// Refuses options of blocks that resample by residual blocks, or attend to text and pixels at once.
  private func refuseUnsupportedResnets(_ reader: ConfigurationReader) throws {
    guard downBlockTypes.count == upBlockTypes.count, downBlockTypes.count == blockOutChannels.count,
      places.contains(where: { resamplesByResnet(at: $0) || hasSimpleAttention(at: $0) })
    else { return }
    guard try !reader.bool("resnet_skip_time_act", default: false) else {
      throw reader.unsupported("resnet_skip_time_act", expected: "false")
    }
    guard try reader.double("resnet_out_scale_factor", default: 1) == 1 else {
      throw reader.unsupported("resnet_out_scale_factor", expected: "1.0")
    }
    guard try reader.optionalString("cross_attention_norm", default: nil) == nil else {
      throw reader.unsupported("cross_attention_norm", expected: "null")
    }
  }

  /// Refuses the keys that Diffusers implements and this engine does not.
  private static func refuseUnsupported(_ reader: ConfigurationReader) throws {
    try reader.refuseUnsupportedUNet()
    guard try reader.optionalString("attention_type", default: "default") == "default" else {
      throw reader.unsupported("attention_type", expected: "'default'")
    }
    guard try !reader.bool("dual_cross_attention", default: false) else {
      throw reader.unsupported("dual_cross_attention", expected: "false")
    }
    let nulls = [
      ("num_attention_heads", "null: Diffusers reads the number of heads from attention_head_dim"),
      ("encoder_hid_dim", "null: a text projected first, as in DeepFloyd IF and Kandinsky, is not supported"),
      ("encoder_hid_dim_type", "null: a text projected first, as in DeepFloyd IF and Kandinsky, is not supported"),
      ("reverse_transformer_layers_per_block", "null: the way up mirrors the way down"),
    ]
    for (key, expected) in nulls {
      if let value = reader.value(key), value != .null { throw reader.unsupported(key, expected: expected) }
    }
  }
}

extension ConfigurationReader {
  /// A whole number for all levels, or a list with one for each.
  fileprivate func intPerLevel(
    _ key: String, default fallback: UNet2DConditionModelConfig.PerLevel<Int>
  ) throws -> UNet2DConditionModelConfig.PerLevel<Int> {
    guard let value = value(key) else { return fallback }
    let expected = "a whole number, or a list of them"
    guard case .list(let elements) = value else { return .all(try int(key, value, expected: expected)) }
    return .each(try elements.map { try int(key, $0, expected: expected) })
  }

  /// An activation of the time embedding, or nil for null. `get_activation` reads the name in lower case.
  fileprivate func timeActivation(_ key: String) throws -> UNet2DConditionModelConfig.TimeActivation? {
    switch try optionalString(key, default: nil)?.lowercased() {
    case nil: return nil
    case "silu", "swish": return .silu
    case "gelu": return .gelu
    default: throw unsupported(key, expected: "null, 'silu', 'swish' or 'gelu'")
    }
  }
}
