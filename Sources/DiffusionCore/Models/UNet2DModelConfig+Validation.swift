extension UNet2DModelConfig {
  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected, if a number is
  ///   out of range, lists differ in length, or groups or heads do not divide the channels.
  public func validate(file: String = "config.json") throws {
    let checks = ConfigurationChecks(file: file)
    try checks.common(self, downBlocks: downBlockTypes.count, upBlocks: upBlockTypes.count)
    try checks.range("layers_per_block", layersPerBlock, in: 1...1024)
    try checks.range("attention_head_dim", attentionHeadDim)
    try checks.range("attn_norm_num_groups", attnNormNumGroups)
    try checks.range("time_embedding_dim", timeEmbeddingDim, in: 0...Self.largestExtent)
    try checks.range("num_class_embeds", numClassEmbeds)
    try validateAttentionNorm(checks)
    try validateHeads(checks)
  }

  /// Checks that a sample's size can be halved from level to level and doubled back.
  ///
  /// - Parameters:
  ///   - height: The sample's height, in pixels.
  ///   - width: The sample's width, in pixels.
  /// - Throws: ``DiffusionError`` (`usage`) that names the nearest sizes that are possible.
  public func validate(height: Int, width: Int) throws {
    try validateSides(height: height, width: width)
  }

  private func validateAttentionNorm(_ checks: ConfigurationChecks) throws {
    guard let attnNormNumGroups, hasMidAttention, let channels = blockOutChannels.last else { return }
    guard channels % attnNormNumGroups == 0 else {
      throw checks.error(
        "attn_norm_num_groups", attnNormNumGroups,
        expected: "a divisor of the last of block_out_channels, \(channels)")
    }
  }

  private func validateHeads(_ checks: ConfigurationChecks) throws {
    guard let attentionHeadDim else { return }
    let last = blockOutChannels.count - 1
    for (level, channels) in blockOutChannels.enumerated() where channels % attentionHeadDim != 0 {
      let attends =
        downBlockTypes[level] == .attnDownBlock2D || upBlockTypes[last - level] == .attnUpBlock2D
        || (level == last && hasMidAttention)
      guard attends else { continue }
      throw checks.error(
        "attention_head_dim", attentionHeadDim,
        expected: "null or a divisor of block_out_channels[\(level)], \(channels)")
    }
  }

  private var hasMidAttention: Bool { midBlockType != nil && addAttention }
}
