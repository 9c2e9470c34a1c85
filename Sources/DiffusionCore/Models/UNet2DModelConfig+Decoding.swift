import FoundationEssentials

extension UNet2DModelConfig {
  /// Reads the bytes of a `config.json` as `UNet2DModel.from_config` does, and validates what it says.
  ///
  /// A missing key takes Diffusers' default. Keys that Diffusers does not know are ignored, as are those that begin
  /// with an underscore. `dropout` is ignored because it does nothing at inference.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: What errors call the file.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of its range, or asks for what is not supported.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    let value: UNet2DModelConfigValue
    do {
      value = try JSONDecoder().decode(UNet2DModelConfigValue.self, from: Data(json))
    } catch {
      throw DiffusionError(.badData, "\(file): expected a JSON object, found no valid JSON: copy the file again")
    }
    guard case .object(let values) = value else {
      throw DiffusionError(.badData, "\(file): expected a JSON object, found \(value)")
    }
    let reader = UNet2DModelConfigReader(file: file, values: values)
    self.init()
    try readShape(reader)
    try readBlocks(reader)
    try readNorms(reader)
    try Self.refuseUnsupported(reader)
    try validate(file: file)
    try refuseUnsupportedResampling(reader)
  }

  private mutating func readShape(_ reader: UNet2DModelConfigReader) throws {
    (sampleHeight, sampleWidth) = try Self.sampleSize(reader)
    inChannels = try reader.int("in_channels", default: inChannels)
    outChannels = try reader.int("out_channels", default: outChannels)
    centerInputSample = try reader.bool("center_input_sample", default: centerInputSample)
    timeEmbeddingDim = try reader.optionalInt("time_embedding_dim", default: timeEmbeddingDim)
    freqShift = try reader.int("freq_shift", default: freqShift)
    flipSinToCos = try reader.bool("flip_sin_to_cos", default: flipSinToCos)
  }

  private mutating func readBlocks(_ reader: UNet2DModelConfigReader) throws {
    downBlockTypes = try reader.blockTypes("down_block_types", default: downBlockTypes)
    if let value = reader.value("mid_block_type") {
      // A null means no middle block.
      midBlockType = nil
      if value != .null { midBlockType = try reader.name("mid_block_type", value) as MidBlockType }
    }
    upBlockTypes = try reader.blockTypes("up_block_types", default: upBlockTypes)
    blockOutChannels = try reader.ints("block_out_channels", default: blockOutChannels)
    layersPerBlock = try reader.int("layers_per_block", default: layersPerBlock)
    midBlockScaleFactor = try reader.double("mid_block_scale_factor", default: midBlockScaleFactor)
    downsamplePadding = try reader.int("downsample_padding", default: downsamplePadding)
    attentionHeadDim = try reader.optionalInt("attention_head_dim", default: attentionHeadDim)
    addAttention = try reader.bool("add_attention", default: addAttention)
  }

  private mutating func readNorms(_ reader: UNet2DModelConfigReader) throws {
    normNumGroups = try reader.int("norm_num_groups", default: normNumGroups)
    attnNormNumGroups = try reader.optionalInt("attn_norm_num_groups", default: attnNormNumGroups)
    normEps = try reader.double("norm_eps", default: normEps)
    if let value = reader.value("resnet_time_scale_shift") {
      resnetTimeScaleShift = try reader.name("resnet_time_scale_shift", value)
    }
  }

  private static func sampleSize(_ reader: UNet2DModelConfigReader) throws -> (Int?, Int?) {
    let value = reader.value("sample_size") ?? .null
    if case .null = value { return (nil, nil) }
    if case .integer(let side) = value { return (side, side) }
    if case .array(let sides) = value, sides.count == 2, case .integer(let height) = sides[0],
      case .integer(let width) = sides[1]
    {
      return (height, width)
    }
    throw reader.error("sample_size", value, expected: "a whole number, [height, width] or null")
  }

  /// What Diffusers computes with these keys and this engine does not.
  private static func refuseUnsupported(_ reader: UNet2DModelConfigReader) throws {
    let timeEmbedding = try reader.optionalString("time_embedding_type", default: "positional")
    guard timeEmbedding == "positional" else {
      throw unsupported(reader, "time_embedding_type", expected: "'positional'")
    }
    // `get_activation` reads the name in lower case, and both names mean x * sigmoid(x).
    let activation = try reader.optionalString("act_fn", default: "silu")
    guard ["silu", "swish"].contains(activation?.lowercased()) else {
      throw unsupported(reader, "act_fn", expected: "'silu' or 'swish'")
    }
    for key in ["class_embed_type", "num_class_embeds"] {
      guard let value = reader.value(key), value != .null else { continue }
      throw unsupported(reader, key, expected: "null: class conditioning needs labels")
    }
  }

  /// Only blocks with attention ask for `downsample_type` and `upsample_type`, and only where another level follows
  /// (`get_down_block` and `get_up_block` in `unet_2d_blocks.py`); null means `conv` there.
  private func refuseUnsupportedResampling(_ reader: UNet2DModelConfigReader) throws {
    let down = try reader.optionalString("downsample_type", default: "conv") ?? "conv"
    if down != "conv", downBlockTypes.dropLast().contains(.attnDownBlock2D) {
      throw Self.unsupported(reader, "downsample_type", expected: "'conv'")
    }
    let up = try reader.optionalString("upsample_type", default: "conv") ?? "conv"
    if up != "conv", upBlockTypes.dropLast().contains(.attnUpBlock2D) {
      throw Self.unsupported(reader, "upsample_type", expected: "'conv'")
    }
  }

  private static func unsupported(
    _ reader: UNet2DModelConfigReader, _ key: String, expected: String
  ) -> DiffusionError {
    let found = reader.value(key) ?? .null
    return DiffusionError(.badData, "\(reader.file): \(key) \(found) is not supported: expected \(expected)")
  }
}
