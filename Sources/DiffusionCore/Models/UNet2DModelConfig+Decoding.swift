extension UNet2DModelConfig {
  /// Decodes the bytes of a `config.json` as `UNet2DModel.from_config` does, and validates the result.
  ///
  /// A missing key takes Diffusers' default. Keys that Diffusers does not know are ignored, as are those that begin
  /// with an underscore. `dropout` is ignored because it does nothing at inference.
  ///
  /// - Parameters:
  ///   - json: The bytes of the file.
  ///   - file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key, and says what was found and what is
  ///   expected, if a value has the wrong type, is out of range, or asks for something that is not supported.
  public init(json: some Sequence<UInt8>, file: String = "config.json") throws {
    let reader = try ConfigurationReader(json: json, file: file)
    self.init()
    try readShape(reader)
    try readBlocks(reader)
    try readNorms(reader)
    try readClasses(reader)
    try Self.refuseUnsupported(reader)
    try validate(file: file)
    try refuseUnsupportedResampling(reader)
  }

  private mutating func readShape(_ reader: ConfigurationReader) throws {
    (sampleHeight, sampleWidth) = try reader.sampleSize()
    inChannels = try reader.int("in_channels", default: inChannels)
    outChannels = try reader.int("out_channels", default: outChannels)
    centerInputSample = try reader.bool("center_input_sample", default: centerInputSample)
    timeEmbeddingDim = try reader.optionalInt("time_embedding_dim", default: timeEmbeddingDim)
    freqShift = try reader.int("freq_shift", default: freqShift)
    flipSinToCos = try reader.bool("flip_sin_to_cos", default: flipSinToCos)
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
    layersPerBlock = try reader.int("layers_per_block", default: layersPerBlock)
    midBlockScaleFactor = try reader.double("mid_block_scale_factor", default: midBlockScaleFactor)
    downsamplePadding = try reader.int("downsample_padding", default: downsamplePadding)
    attentionHeadDim = try reader.optionalInt("attention_head_dim", default: attentionHeadDim)
    addAttention = try reader.bool("add_attention", default: addAttention)
  }

  private mutating func readNorms(_ reader: ConfigurationReader) throws {
    normNumGroups = try reader.int("norm_num_groups", default: normNumGroups)
    attnNormNumGroups = try reader.optionalInt("attn_norm_num_groups", default: attnNormNumGroups)
    normEps = try reader.double("norm_eps", default: normEps)
    if let value = reader.value("resnet_time_scale_shift") {
      resnetTimeScaleShift = try reader.name("resnet_time_scale_shift", value)
    }
  }

  private mutating func readClasses(_ reader: ConfigurationReader) throws {
    if let value = reader.value("class_embed_type"), value != .null {
      classEmbedType = try reader.name("class_embed_type", value) as ClassEmbedType
    }
    numClassEmbeds = try reader.optionalInt("num_class_embeds", default: numClassEmbeds)
  }

  /// Refuses the keys that Diffusers implements and this engine does not.
  private static func refuseUnsupported(_ reader: ConfigurationReader) throws {
    try reader.refuseUnsupportedUNet()
  }

  /// Only blocks with attention ask for `downsample_type` and `upsample_type`, and only where another level follows
  /// (`get_down_block` and `get_up_block` in `unet_2d_blocks.py`); null means `conv` there.
  private func refuseUnsupportedResampling(_ reader: ConfigurationReader) throws {
    let down = try reader.optionalString("downsample_type", default: "conv") ?? "conv"
    if down != "conv", downBlockTypes.dropLast().contains(.attnDownBlock2D) {
      throw reader.unsupported("downsample_type", expected: "'conv'")
    }
    let up = try reader.optionalString("upsample_type", default: "conv") ?? "conv"
    if up != "conv", upBlockTypes.dropLast().contains(.attnUpBlock2D) {
      throw reader.unsupported("upsample_type", expected: "'conv'")
    }
  }
}

extension ConfigurationReader {
  /// `sample_size` as height and width, nil for null.
  func sampleSize() throws -> (Int?, Int?) {
    let value = self.value("sample_size") ?? .null, expected = "a whole number, [height, width] or null"
    switch value {
    case .null: return (nil, nil)
    case .list(let sides) where sides.count == 2:
      let sides = try sides.map { side in
        guard case .integer(let number) = side, let whole = Int(exactly: number) else {
          throw error("sample_size", value, expected: expected)
        }
        return whole
      }
      return (sides[0], sides[1])
    default:
      let side = try int("sample_size", value, expected: expected)
      return (side, side)
    }
  }

  func unsupported(_ key: String, expected: String) -> DiffusionError {
    DiffusionError(.badData, "\(file): \(key) \(value(key) ?? .null) is not supported: expected \(expected)")
  }

  /// Refuses what no UNet of this engine implements.
  func refuseUnsupportedUNet() throws {
    guard try optionalString("time_embedding_type", default: "positional") == "positional" else {
      throw unsupported("time_embedding_type", expected: "'positional'")
    }
    // `get_activation` reads the name in lower case, and both names mean x * sigmoid(x).
    let activation = try optionalString("act_fn", default: "silu")
    guard ["silu", "swish"].contains(activation?.lowercased()) else {
      throw unsupported("act_fn", expected: "'silu' or 'swish'")
    }
  }

  /// A list of block types. Diffusers drops the prefix `UNetRes` of old configurations (`get_down_block`).
  func blockTypes<Name: RawRepresentable & CaseIterable>(_ key: String, default fallback: [Name]) throws -> [Name]
  where Name.RawValue == String {
    guard let value = value(key) else { return fallback }
    guard case .list(let elements) = value else { throw error(key, value, expected: "a list of block types") }
    return try elements.enumerated().map { index, element in
      guard case .text(let text) = element else { throw error("\(key)[\(index)]", element, expected: "a string") }
      let prefix = "UNetRes"
      let current = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
      guard let name = Name(rawValue: current) else {
        let known = Name.allCases.map(\.rawValue).joined(separator: " or ")
        throw error("\(key)[\(index)]", element, expected: "\(known), the block types that are supported")
      }
      return name
    }
  }
}
