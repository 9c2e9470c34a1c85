extension UNet2DModelConfig {
  /// More than in any model, and far below where a product of two could overflow.
  private static let largestExtent = 1 << 20

  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected, if a number is
  ///   out of range, lists differ in length, or groups or heads do not divide the channels.
  public func validate(file: String = "config.json") throws {
    try validateLengths(file)
    try validateRanges(file)
    try validateTimeEmbedding(file)
    try validateGroups(file)
    try validateHeads(file)
  }

  /// Checks that a sample's size can be halved from level to level and doubled back.
  ///
  /// - Parameters:
  ///   - height: The sample's height, in pixels.
  ///   - width: The sample's width, in pixels.
  /// - Throws: ``DiffusionError`` (`usage`) that names the nearest sizes that are possible.
  public func validate(height: Int, width: Int) throws {
    let multiple = sizeMultiple
    for (side, extent) in [("height", height), ("width", width)] {
      guard extent < 1 || extent > Self.largestExtent || extent % multiple != 0 else { continue }
      let below = min(max(extent, 0), Self.largestExtent) / multiple * multiple
      let above = below + multiple
      let nearest = below == 0 ? "\(above)" : above > Self.largestExtent ? "\(below)" : "\(below) or \(above)"
      throw DiffusionError(
        .usage,
        "sample size \(height)x\(width): \(side) \(extent) does not divide into the model's \(blockOutChannels.count) "
          + "levels: expected a multiple of \(multiple); use \(nearest)")
    }
  }

  private func validateLengths(_ file: String) throws {
    let (down, up, channels) = (downBlockTypes.count, upBlockTypes.count, blockOutChannels.count)
    // The wording is that of `UNet2DModel.__init__`.
    guard down == up else {
      throw DiffusionError(
        .badData,
        "\(file): must provide the same number of `down_block_types` as `up_block_types`: found \(down) and \(up)")
    }
    guard channels == down else {
      throw DiffusionError(
        .badData,
        "\(file): must provide the same number of `block_out_channels` as `down_block_types`: "
          + "found \(channels) and \(down)")
    }
    guard (1...16).contains(channels) else {
      throw DiffusionError(.badData, "\(file): block_out_channels has \(channels) levels: expected 1 to 16")
    }
  }

  private func validateRanges(_ file: String) throws {
    func check(_ key: String, _ value: Int?, in range: ClosedRange<Int> = 1...Self.largestExtent) throws {
      guard let value, !range.contains(value) else { return }
      throw DiffusionError(
        .badData, "\(file): \(key) is \(value): expected \(range.lowerBound) to \(range.upperBound)")
    }
    try check("sample_size", sampleHeight)
    try check("sample_size", sampleWidth)
    try check("in_channels", inChannels)
    try check("out_channels", outChannels)
    for (level, channels) in blockOutChannels.enumerated() { try check("block_out_channels[\(level)]", channels) }
    try check("layers_per_block", layersPerBlock, in: 1...1024)
    try check("downsample_padding", downsamplePadding, in: 0...1)
    try check("attention_head_dim", attentionHeadDim)
    try check("norm_num_groups", normNumGroups)
    try check("attn_norm_num_groups", attnNormNumGroups)
    try check("time_embedding_dim", timeEmbeddingDim, in: 0...Self.largestExtent)
    guard normEps.isFinite, normEps >= 0 else {
      throw DiffusionError(.badData, "\(file): norm_eps is \(normEps): expected a number that is not negative")
    }
    guard midBlockScaleFactor.isFinite, midBlockScaleFactor != 0 else {
      throw DiffusionError(
        .badData, "\(file): mid_block_scale_factor is \(midBlockScaleFactor): expected a number other than 0")
    }
  }

  /// `get_timestep_embedding` divides by half the channels less the shift, and needs at least two channels.
  private func validateTimeEmbedding(_ file: String) throws {
    let channels = blockOutChannels[0]
    guard channels >= 2 else {
      throw DiffusionError(
        .badData, "\(file): block_out_channels[0] is \(channels): expected at least 2, for a sine and a cosine")
    }
    guard freqShift < channels / 2, freqShift >= -Self.largestExtent else {
      throw DiffusionError(
        .badData,
        "\(file): freq_shift is \(freqShift): expected less than half of block_out_channels[0], \(channels / 2)"
      )
    }
  }

  private func validateGroups(_ file: String) throws {
    for (level, channels) in blockOutChannels.enumerated() where channels % normNumGroups != 0 {
      throw DiffusionError(
        .badData,
        "\(file): norm_num_groups is \(normNumGroups): expected a divisor of block_out_channels[\(level)], \(channels)")
    }
    guard let attnNormNumGroups, hasMidAttention, let channels = blockOutChannels.last else { return }
    guard channels % attnNormNumGroups == 0 else {
      throw DiffusionError(
        .badData,
        "\(file): attn_norm_num_groups is \(attnNormNumGroups): expected a divisor of the last of block_out_channels, "
          + "\(channels)")
    }
  }

  private func validateHeads(_ file: String) throws {
    guard let attentionHeadDim else { return }
    let last = blockOutChannels.count - 1
    for (level, channels) in blockOutChannels.enumerated() where channels % attentionHeadDim != 0 {
      let attends =
        downBlockTypes[level] == .attnDownBlock2D || upBlockTypes[last - level] == .attnUpBlock2D
        || (level == last && hasMidAttention)
      guard attends else { continue }
      throw DiffusionError(
        .badData,
        "\(file): attention_head_dim is \(attentionHeadDim): expected null or a divisor of "
          + "block_out_channels[\(level)], \(channels)")
    }
  }

  private var hasMidAttention: Bool { midBlockType != nil && addAttention }
}
