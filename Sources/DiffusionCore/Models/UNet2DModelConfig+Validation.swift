extension UNet2DModelConfig {
  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected, if a number is
  ///   out of range, lists differ in length, groups do not divide the channels, or blocks do not fit together.
  public func validate(file: String = "config.json") throws {
    let checks = ConfigurationChecks(file: file)
    try checks.common(self, downBlocks: downBlockTypes.count, upBlocks: upBlockTypes.count)
    try checks.range("norm_num_groups", normNumGroups)
    try checks.range("layers_per_block", layersPerBlock, in: 1...1024)
    try checks.range("attention_head_dim", attentionHeadDim)
    try checks.range("attn_norm_num_groups", attnNormNumGroups)
    try checks.range("time_embedding_dim", timeEmbeddingDim, in: 0...Self.largestExtent)
    try checks.range("num_class_embeds", numClassEmbeds)
    try validateTime(checks)
    for place in places { try validateGroups(at: place, checks) }
    try validateLastNorm(checks)
    try validateAttentionNorm(checks)
    for place in places { try validateHeads(at: place, checks) }
    try validatePadding(checks)
    let side = 4 * sideMultiple
    if let mismatch = mismatch(height: side, width: side) {
      throw DiffusionError(.badData, "\(file): the blocks do not fit together: \(mismatch)")
    }
  }

  /// Checks that a sample's size can be halved from level to level and doubled back.
  ///
  /// - Parameters:
  ///   - height: The sample's height, in pixels.
  ///   - width: The sample's width, in pixels.
  /// - Throws: ``DiffusionError`` (`usage`) that names the nearest sizes that are possible.
  public func validate(height: Int, width: Int) throws {
    try validateSides(height: height, width: width)
    if let mismatch = mismatch(height: height, width: width) {
      throw DiffusionError(.usage, "sample size \(height)x\(width): \(mismatch)")
    }
  }

  private var places: [UNetPlace] {
    blockOutChannels.indices.map(UNetPlace.down) + [.middle] + blockOutChannels.indices.map(UNetPlace.up)
  }

  private func validateTime(_ checks: ConfigurationChecks) throws {
    switch timeEmbeddingType {
    case .positional: try checks.sinusoids(self)
    case .fourier: break
    case .learned:
      try checks.range("num_train_timesteps", numTrainTimesteps)
      guard numTrainTimesteps == nil else { return }
      throw checks.error(
        "num_train_timesteps", SettingValue.null, expected: "a whole number, for time_embedding_type 'learned'")
    }
  }

  private func validateGroups(at place: UNetPlace, _ checks: ConfigurationChecks) throws {
    let plan = plan(at: place)
    if plan.residual == .standard, !plan.resnets.isEmpty, place != .middle, normNumGroups == nil {
      throw checks.error(
        "norm_num_groups", SettingValue.null, expected: "a whole number, for \(blockName(at: place))")
    }
    for resnet in plan.resnets {
      let norms = [(resnet.hidden + resnet.skip, resnet.groups.first), (resnet.inner, resnet.groups.second)]
      for (channels, groups) in norms where groups < 1 || channels % groups != 0 {
        throw groupsError(groups, channels: channels, at: place, checks)
      }
    }
  }

  private func groupsError(
    _ groups: Int, channels: Int, at place: UNetPlace, _ checks: ConfigurationChecks
  ) -> DiffusionError {
    let level = levelIndex(of: place), own = blockOutChannels[level]
    if let normNumGroups, plan(at: place).residual == .standard {
      let norm = channels == own ? "block_out_channels[\(level)], \(own)" : "the \(channels) channels of a norm"
      return checks.error("norm_num_groups", normNumGroups, expected: "a divisor of \(norm)")
    }
    return checks.error(
      "block_out_channels[\(level)]", own,
      expected: "other channels: \(blockName(at: place)) makes \(groups) groups of \(channels)")
  }

  private func validateLastNorm(_ checks: ConfigurationChecks) throws {
    let channels = blockOutChannels[0], groups = groups(channels: channels)
    guard groups > 0, channels % groups == 0 else {
      throw groupsError(groups, channels: channels, at: .down(0), checks)
    }
  }

  private func validateAttentionNorm(_ checks: ConfigurationChecks) throws {
    guard let attnNormNumGroups, hasMidAttention, let channels = blockOutChannels.last else { return }
    guard channels % attnNormNumGroups == 0 else {
      throw checks.error(
        "attn_norm_num_groups", attnNormNumGroups,
        expected: "a divisor of the last of block_out_channels, \(channels)")
    }
  }

  /// A head needs its channels, and the norm in front of an attention its groups.
  private func validateHeads(at place: UNetPlace, _ checks: ConfigurationChecks) throws {
    let plan = plan(at: place), headChannels = headChannels(at: place), level = levelIndex(of: place)
    for (index, resnet) in plan.resnets.enumerated() {
      guard index < plan.attentions || (plan.attendsAtEnd && index == plan.resnets.count - 1) else { continue }
      guard headChannels <= resnet.output else {
        throw checks.error(
          "attention_head_dim", attentionHeadDim.map { SettingValue.integer(Int128($0)) } ?? .null,
          expected: "at most \(resnet.output), the channels of an attention in \(blockName(at: place))")
      }
      let groups = plan.residual == .skip ? 32 : plan.residual == .adaptive ? max(1, resnet.output / 32) : 1
      guard resnet.output % groups == 0 else {
        throw checks.error(
          "block_out_channels[\(level)]", blockOutChannels[level],
          expected: "other channels: the attention of \(blockName(at: place)) makes \(groups) groups of "
            + "\(resnet.output)")
      }
    }
  }

  private func validatePadding(_ checks: ConfigurationChecks) throws {
    guard !(0...1).contains(downsamplePadding) else { return }
    for index in blockOutChannels.indices where plan(at: .down(index)).resampler == .convolution {
      throw checks.error(
        "downsample_padding", downsamplePadding,
        expected: "0 to 1: the way up does not come back to the size of down_blocks.\(index)")
    }
  }

  /// The name of the block at a place in `config.json`.
  private func blockName(at place: UNetPlace) -> String {
    switch place {
    case .down(let index): downBlockTypes[index].rawValue
    case .middle: "UNetMidBlock2D"
    case .up(let index): upBlockTypes[index].rawValue
    }
  }

  private var hasMidAttention: Bool { midBlockType != nil && addAttention }
}
