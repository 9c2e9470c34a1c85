extension UNet2DConditionModelConfig {
  /// Checks that a model can be built.
  ///
  /// - Parameter file: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`) that names the key, what was found and what is expected, if a number is
  ///   out of range, lists differ in length, or groups do not divide the channels.
  public func validate(file: String = "config.json") throws {
    let checks = ConfigurationChecks(file: file)
    try checks.common(self, downBlocks: downBlockTypes.count, upBlocks: upBlockTypes.count)
    try checks.sinusoids(self)
    try checks.range("downsample_padding", downsamplePadding, in: 0...1)
    try validateGroups(checks)
    try validateLevels(checks)
    try validateText(checks)
    try validateKernels(checks)
    try validateClasses(checks)
    try checks.range("time_embedding_dim", timeEmbeddingDim, in: 0...Self.largestExtent)
    try checks.range("time_cond_proj_dim", timeCondProjDim)
  }

  /// Checks that a sample's size leaves a pixel at every level. Sizes that the levels do not divide are interpolated on
  /// the way up, as Diffusers does.
  ///
  /// - Parameters:
  ///   - height: The sample's height.
  ///   - width: The sample's width.
  /// - Throws: ``DiffusionError`` (`usage`) that says which sizes are possible.
  public func validate(height: Int, width: Int) throws {
    // Residual blocks that double an image give twice its size.
    if places.contains(where: resamplesByResnet) { return try validateSides(height: height, width: width) }
    // Without padding on both sides, halving rounds down.
    let smallest = downsamplePadding == 0 ? sideMultiple : 1
    for (side, extent) in [("height", height), ("width", width)] {
      guard !(smallest...Self.largestExtent).contains(extent) else { continue }
      throw DiffusionError(
        .usage, "sample size \(height)x\(width): \(side) is \(extent): expected \(smallest) to \(Self.largestExtent)")
    }
  }

  private func validateGroups(_ checks: ConfigurationChecks) throws {
    try checks.range("norm_num_groups", normNumGroups)
    for (level, channels) in blockOutChannels.enumerated() where channels % normNumGroups != 0 {
      throw checks.error(
        "norm_num_groups", normNumGroups, expected: "a divisor of block_out_channels[\(level)], \(channels)")
    }
  }

  private func validateLevels(_ checks: ConfigurationChecks) throws {
    func check(_ key: String, _ values: PerLevel<Int>, in range: ClosedRange<Int>) throws {
      switch values {
      case .all(let value): try checks.range(key, value, in: range)
      case .each(let values):
        try checks.count(key, values.count, levels: blockOutChannels.count)
        for (level, value) in values.enumerated() { try checks.range("\(key)[\(level)]", value, in: range) }
      }
    }
    try check("layers_per_block", layersPerBlock, in: 1...1024)
    try check("transformer_layers_per_block", transformerLayersPerBlock, in: 0...1024)
    try check("cross_attention_dim", crossAttentionDim, in: 1...Self.largestExtent)
    try check("attention_head_dim", attentionHeadDim, in: 1...Self.largestExtent)
    if case .each(let flags) = onlyCrossAttention {
      try checks.count("only_cross_attention", flags.count, levels: blockOutChannels.count)
    }
  }

  /// All blocks attend to the same text, and a head needs a channel.
  private func validateText(_ checks: ConfigurationChecks) throws {
    for level in attendingLevels {
      if let textChannels, crossAttentionDim[level] != textChannels {
        throw checks.error(
          "cross_attention_dim[\(level)]", crossAttentionDim[level],
          expected: "\(textChannels), as at the other levels with cross-attention")
      }
      guard attentionHeadDim[level] <= blockOutChannels[level] else {
        throw checks.error(
          "attention_head_dim", attentionHeadDim[level],
          expected: "at most block_out_channels[\(level)], \(blockOutChannels[level]): it is the number of heads")
      }
    }
    for place in places where hasSimpleAttention(at: place) {
      let level = levelIndex(of: place), channels = blockOutChannels[level], head = headChannels(at: place)
      guard channels.isMultiple(of: head) else {
        throw checks.error(
          "attention_head_dim", head,
          expected: "a divisor of block_out_channels[\(level)], \(channels): it is the channels of a head")
      }
    }
  }

  /// An even kernel would change the size of the sample.
  private func validateKernels(_ checks: ConfigurationChecks) throws {
    for (key, kernel) in [("conv_in_kernel", convInKernel), ("conv_out_kernel", convOutKernel)] {
      guard (1...63).contains(kernel), !kernel.isMultiple(of: 2) else {
        throw checks.error(key, kernel, expected: "an odd number from 1 to 63")
      }
    }
  }

  private func validateClasses(_ checks: ConfigurationChecks) throws {
    try checks.range("num_class_embeds", numClassEmbeds)
    try checks.range("projection_class_embeddings_input_dim", projectionClassEmbeddingsInputDim)
    if [.projection, .simpleProjection].contains(classEmbedType), projectionClassEmbeddingsInputDim == nil {
      throw checks.error(
        "projection_class_embeddings_input_dim", SettingValue.null,
        expected: "a whole number, for class_embed_type '\(classEmbedType?.rawValue ?? "")'")
    }
    if let additionTimeEmbedDim {
      // As for the timestep: half of them divide by half their number less the shift.
      let least = 2 + 2 * max(0, freqShift)
      try checks.range(
        "addition_time_embed_dim", additionTimeEmbedDim, in: least...max(least, Self.largestExtent))
      if projectionClassEmbeddingsInputDim == nil {
        throw checks.error(
          "projection_class_embeddings_input_dim", SettingValue.null,
          expected: "a whole number, for addition_embed_type 'text_time'")
      }
    }
    if classEmbeddingsConcat, !takesClasses {
      throw checks.error("class_embeddings_concat", true, expected: "false where the model has no classes")
    }
  }
}
