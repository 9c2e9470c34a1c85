import TensorKernels

extension UNet2DModelConfig: UNetBlockConfiguration {
  package var convInKernel: Int { 3 }
  package var convOutKernel: Int { 3 }
  package var blockTimeChannels: Int { timeEmbedDim }
  package var midBlockLayers: Int { midBlockType == nil ? 0 : 2 }

  package var activation: Activation { actFn.function }

  package func layers(ofLevel level: Int) -> Int { layersPerBlock }

  package func groups(channels: Int) -> Int { normNumGroups ?? min(channels / 4, 32) }

  /// The size of the feature maps of level `index` (0 is the full size); nil where `sample_size` is null. It is a
  /// property of the model and not of a sample, so that a model computes samples of every size the same way.
  package func level(_ index: Int) -> LevelSize? {
    sampleSize.map { LevelSize(index, height: $0.height, width: $0.width) }
  }

  package func attentions(at place: UNetPlace) -> Int {
    switch place {
    case .down(let level):
      [.attnDownBlock2D, .attnSkipDownBlock2D, .kCrossAttnDownBlock2D].contains(downBlockTypes[level]) ? .max : 0
    case .middle: addAttention ? 1 : 0
    case .up(let level): [.attnUpBlock2D, .kCrossAttnUpBlock2D].contains(upBlockTypes[level]) ? .max : 0
    }
  }

  package func plan(at place: UNetPlace) -> UNetLevelPlan {
    let plan = standardPlan(at: place)
    switch place {
    case .down(let index): return downPlan(index, plan)
    case .middle: return plan
    case .up(let index): return upPlan(index, plan)
    }
  }

  private func downPlan(_ index: Int, _ standard: UNetLevelPlan) -> UNetLevelPlan {
    var plan = standard
    let isEnd = standard.resampler == nil
    switch downBlockTypes[index] {
    case .downBlock2D: break
    case .attnDownBlock2D: if !isEnd { plan.resampler = downsampleType.resampler }
    case .resnetDownsampleBlock2D: if !isEnd { plan.resampler = .residual }
    case .skipDownBlock2D, .attnSkipDownBlock2D: plan.becomeSkip()
    case .kDownBlock2D: plan.becomeAdaptive()
    case .kCrossAttnDownBlock2D:
      plan.becomeAdaptive()
      // Diffusers keeps nothing of the smallest level.
      plan.keepsOutputs = !isEnd
    }
    return plan
  }

  private func upPlan(_ index: Int, _ standard: UNetLevelPlan) -> UNetLevelPlan {
    var plan = standard
    let isEnd = standard.resampler == nil
    switch upBlockTypes[index] {
    case .upBlock2D: break
    case .attnUpBlock2D: if !isEnd { plan.resampler = upsampleType.resampler }
    case .resnetUpsampleBlock2D: if !isEnd { plan.resampler = .residual }
    case .skipUpBlock2D: plan.becomeSkip()
    case .attnSkipUpBlock2D:
      plan.becomeSkip()
      plan.attendsAtEnd = true
      for layer in plan.resnets.indices {
        // As in Diffusers, where the division binds before the sum.
        plan.resnets[layer].groups.first = min(plan.resnets[layer].hidden + plan.resnets[layer].skip / 4, 32)
      }
    case .kUpBlock2D: plan.becomeAdaptiveUp(next: nextChannels(after: index), takesSkip: true, widensInside: false)
    case .kCrossAttnUpBlock2D:
      let next = nextChannels(after: index)
      plan.becomeAdaptiveUp(next: next, takesSkip: !isFirstKBlock(index), widensInside: next != plan.channels)
    }
    return plan
  }

  /// The channels of the level after `index` on the way up; its own at the end.
  private func nextChannels(after index: Int) -> Int { blockOutChannels[max(0, blockOutChannels.count - 2 - index)] }

  /// Whether a block of K attention on the way up is one without a tensor from the way down: Diffusers tells by the
  /// channels.
  private func isFirstKBlock(_ index: Int) -> Bool {
    let channels = blockOutChannels[blockOutChannels.count - 1 - index]
    return nextChannels(after: index) == channels && channels == timeEmbedDim
  }

  /// Whether some norms are scaled and shifted by the time embedding itself.
  var hasAdaptiveNorms: Bool {
    blockOutChannels.indices.contains { index in
      plan(at: .down(index)).residual == .adaptive || plan(at: .up(index)).residual == .adaptive
    }
  }

  /// The channels of an attention head at a place.
  func headChannels(at place: UNetPlace) -> Int { attentionHeadDim ?? blockOutChannels[levelIndex(of: place)] }

  package func attention(
    _ name: String, at place: UNetPlace, channels: Int, from reader: ParameterReader
  ) throws -> UNetAttention {
    let headChannels = headChannels(at: place), heads = channels / headChannels, plan = plan(at: place)
    if plan.residual == .adaptive {
      let attendsTwice: Bool
      if case .up(let index) = place { attendsTwice = isFirstKBlock(index) } else { attendsTwice = !plan.keepsOutputs }
      return .adaptive(
        try KAttentionBlock(
          name, channels: channels, heads: heads, headChannels: headChannels, timeChannels: timeEmbedDim,
          attendsTwice: attendsTwice, from: reader))
    }
    return .pixels(
      try Attention(
        name, channels: channels, heads: heads, headChannels: headChannels, groups: attentionGroups(at: place),
        epsilon: normEps,
        divisor: place == .middle ? midBlockScaleFactor : plan.residual == .skip ? 2.0.squareRoot() : 1,
        from: reader))
  }

  /// The number of groups of the norm in front of an attention; nil for no norm.
  func attentionGroups(at place: UNetPlace) -> Int? {
    let plan = plan(at: place)
    switch plan.residual {
    case .standard: return place == .middle ? midAttentionNormNumGroups : groups(channels: plan.channels)
    case .skip: return 32
    case .adaptive: return KAttentionBlock.groups(channels: plan.channels)
    }
  }
}

extension UNetLevelPlan {
  /// Makes it that of a skip block, whose groups do not depend on the configuration.
  fileprivate mutating func becomeSkip() {
    residual = .skip
    if resampler != nil { resampler = .skip }
    for layer in resnets.indices {
      let input = resnets[layer].hidden + resnets[layer].skip
      resnets[layer].groups = (min(input / 4, 32), min(channels / 4, 32))
    }
  }

  /// Makes it that of a K block, whose groups have 32 channels each.
  fileprivate mutating func becomeAdaptive() {
    residual = .adaptive
    if resampler != nil { resampler = .filter }
    for layer in resnets.indices {
      let input = resnets[layer].hidden + resnets[layer].skip
      resnets[layer].groups = (input / 32, channels / 32)
    }
  }

  /// Makes it that of a K block on the way up, which has one residual block less and ends with the next level's
  /// channels.
  ///
  /// - Parameters:
  ///   - next: The channels of the next level.
  ///   - takesSkip: Whether the first residual block takes a tensor that was kept on the way down.
  ///   - widensInside: Whether the last residual block has this level's channels between its convolutions.
  fileprivate mutating func becomeAdaptiveUp(next: Int, takesSkip: Bool, widensInside: Bool) {
    let count = resnets.count - 1
    resnets = (0..<count).map { layer in
      let output = layer == count - 1 ? next : channels
      return Resnet(
        hidden: channels, skip: layer == 0 && takesSkip ? channels : 0, inner: widensInside ? channels : output,
        output: output, groups: (1, 1))
    }
    becomeAdaptive()
  }
}

extension UNet2DModelConfig.ResamplingType {
  fileprivate var resampler: UNetLevelPlan.Resampler? {
    switch self {
    case .conv: .convolution
    case .resnet: .residual
    case .none: nil
    }
  }
}

extension UNet2DModelConfig.ActivationFunction {
  /// The function itself.
  var function: Activation {
    switch self {
    case .silu: .silu
    case .mish: .mish
    case .gelu: .gelu
    case .relu: .relu
    }
  }
}
