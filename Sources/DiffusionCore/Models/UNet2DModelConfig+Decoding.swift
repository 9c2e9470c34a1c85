extension UNet2DModelConfig {
  /// Decodes the bytes of a `config.json` as `UNet2DModel.from_config` does, and validates the result.
  ///
  /// A missing key takes Diffusers' default. Keys that Diffusers does not know are ignored, as are those that begin
  /// with an underscore. `dropout` is ignored because it does nothing at inference. Where Diffusers does not look at a
  /// value, it may be any: `mid_block_type` is null or a block, and other names of `class_embed_type` mean no classes.
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
    try readTime(reader)
    try readClasses(reader)
    try validate(file: file)
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
    // A null means no middle block.
    midBlockType = try reader.optionalString("mid_block_type", default: "UNetMidBlock2D").map { _ in .unetMidBlock2D }
    upBlockTypes = try reader.blockTypes("up_block_types", default: upBlockTypes)
    blockOutChannels = try reader.ints("block_out_channels", default: blockOutChannels)
    layersPerBlock = try reader.int("layers_per_block", default: layersPerBlock)
    midBlockScaleFactor = try reader.double("mid_block_scale_factor", default: midBlockScaleFactor)
    downsamplePadding = try reader.int("downsample_padding", default: downsamplePadding)
    attentionHeadDim = try reader.optionalInt("attention_head_dim", default: attentionHeadDim)
    addAttention = try reader.bool("add_attention", default: addAttention)
    downsampleType = try reader.resamplingType("downsample_type")
    upsampleType = try reader.resamplingType("upsample_type")
    actFn = try reader.activationFunction("act_fn", default: actFn)
  }

  private mutating func readNorms(_ reader: ConfigurationReader) throws {
    normNumGroups = try reader.optionalInt("norm_num_groups", default: normNumGroups)
    attnNormNumGroups = try reader.optionalInt("attn_norm_num_groups", default: attnNormNumGroups)
    normEps = try reader.double("norm_eps", default: normEps)
    // K blocks alone do without it, and then it may be any.
    if let value = reader.value("resnet_time_scale_shift"), readsTimeScaleShift {
      resnetTimeScaleShift = try reader.name("resnet_time_scale_shift", value)
    }
  }

  private var readsTimeScaleShift: Bool {
    midBlockType != nil || downBlockTypes.contains { ![.kDownBlock2D, .kCrossAttnDownBlock2D].contains($0) }
      || upBlockTypes.contains { ![.kUpBlock2D, .kCrossAttnUpBlock2D].contains($0) }
  }

  private mutating func readTime(_ reader: ConfigurationReader) throws {
    if let value = reader.value("time_embedding_type") {
      timeEmbeddingType = try reader.name("time_embedding_type", value)
    }
    if timeEmbeddingType == .learned {
      numTrainTimesteps = try reader.optionalInt("num_train_timesteps", default: numTrainTimesteps)
    }
  }

  private mutating func readClasses(_ reader: ConfigurationReader) throws {
    numClassEmbeds = try reader.optionalInt("num_class_embeds", default: numClassEmbeds)
    guard let name = try reader.optionalString("class_embed_type", default: nil) else { return }
    classEmbedType = ClassEmbedType(rawValue: name)
    numClassEmbeds = nil
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

  /// The function behind the norms of residual blocks. `get_activation` reads the name in lower case.
  func activationFunction(
    _ key: String, default fallback: UNet2DModelConfig.ActivationFunction
  ) throws -> UNet2DModelConfig.ActivationFunction {
    let name = try optionalString(key, default: fallback.rawValue)?.lowercased() ?? ""
    guard let function = UNet2DModelConfig.ActivationFunction(rawValue: name == "swish" ? "silu" : name) else {
      throw unsupported(key, expected: "'silu', 'swish', 'mish', 'gelu' or 'relu'")
    }
    return function
  }

  /// What resamples a level with attention; null and an empty name mean a convolution (`get_down_block`).
  fileprivate func resamplingType(_ key: String) throws -> UNet2DModelConfig.ResamplingType {
    let name = try optionalString(key, default: "conv") ?? "conv"
    return name.isEmpty ? .conv : UNet2DModelConfig.ResamplingType(rawValue: name) ?? .none
  }

  /// Refuses what no conditional UNet of this engine implements.
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
