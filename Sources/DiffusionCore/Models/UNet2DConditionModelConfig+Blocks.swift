import TensorKernels

extension UNet2DConditionModelConfig: UNetBlockConfiguration {
  package var blockTimeChannels: Int { classEmbeddingsConcat ? .product(2, timeEmbedDim) : timeEmbedDim }

  package var midBlockLayers: Int {
    switch midBlockType {
    case .unetMidBlock2DCrossAttn, .unetMidBlock2DSimpleCrossAttn: 2
    case .unetMidBlock2D: 1
    case nil: 0
    }
  }

  package func layers(ofLevel level: Int) -> Int { layersPerBlock[level] }

  package func groups(channels: Int) -> Int { normNumGroups }

  /// The size of the feature maps of level `index`; nil where `sample_size` is null. It is a property of the model and
  /// not of a sample. These models have so many channels that transformed weights must be few.
  package func level(_ index: Int) -> LevelSize? {
    sampleSize.map {
      var size = LevelSize(index, height: $0.height, width: $0.width)
      size.savesMemory = true
      return size
    }
  }

  package func attentions(at place: UNetPlace) -> Int {
    switch place {
    case .down(let level):
      [.crossAttnDownBlock2D, .simpleCrossAttnDownBlock2D].contains(downBlockTypes[level]) ? .max : 0
    case .middle: midBlockType == nil || midBlockType == .unetMidBlock2D ? 0 : 1
    case .up(let level): [.crossAttnUpBlock2D, .simpleCrossAttnUpBlock2D].contains(upBlockTypes[level]) ? .max : 0
    }
  }

  package func plan(at place: UNetPlace) -> UNetLevelPlan {
    var plan = standardPlan(at: place)
    if plan.resampler != nil, resamplesByResnet(at: place) { plan.resampler = .residual }
    return plan
  }

  /// Whether a residual block changes the size at the end of a level, and not a convolution.
  func resamplesByResnet(at place: UNetPlace) -> Bool {
    switch place {
    case .down(let level):
      [.resnetDownsampleBlock2D, .simpleCrossAttnDownBlock2D].contains(downBlockTypes[level])
    case .middle: false
    case .up(let level): [.resnetUpsampleBlock2D, .simpleCrossAttnUpBlock2D].contains(upBlockTypes[level])
    }
  }

  /// Whether attention is to the text and the pixels at once.
  func hasSimpleAttention(at place: UNetPlace) -> Bool {
    switch place {
    case .down(let level): downBlockTypes[level] == .simpleCrossAttnDownBlock2D
    case .middle: midBlockType == .unetMidBlock2DSimpleCrossAttn
    case .up(let level): upBlockTypes[level] == .simpleCrossAttnUpBlock2D
    }
  }

  /// Every level on the way down, the middle, and every level on the way up.
  var places: [UNetPlace] {
    blockOutChannels.indices.map(UNetPlace.down) + [.middle] + blockOutChannels.indices.map(UNetPlace.up)
  }

  package func attention(
    _ name: String, at place: UNetPlace, channels: Int, from reader: ParameterReader
  ) throws -> UNetAttention {
    let level = levelIndex(of: place)
    if hasSimpleAttention(at: place) {
      let shape = AddedTextAttention.Shape(
        headChannels: headChannels(at: place), textChannels: crossAttentionDim[level], groups: normNumGroups,
        onlyCrossAttention: place == .middle ? onlyCrossAttentionInTheMiddle : onlyCrossAttention[level])
      return .added(try AddedTextAttention(name, channels: channels, shape: shape, from: reader))
    }
    let shape = Transformer2D.Shape(
      depth: transformerLayersPerBlock[level], heads: attentionHeadDim[level], textChannels: crossAttentionDim[level],
      // Diffusers' middle block attends to the pixels whatever the configuration says.
      onlyCrossAttention: place != .middle && onlyCrossAttention[level], linearProjection: useLinearProjection,
      groups: normNumGroups)
    return .text(try Transformer2D(name, channels: channels, shape: shape, from: reader))
  }

  /// The channels of a head of simple attention. On the way up the list is read from its beginning as well, as
  /// Diffusers does it, although the levels come in the other order.
  func headChannels(at place: UNetPlace) -> Int {
    if case .up(let index) = place { return attentionHeadDim[index] }
    return attentionHeadDim[levelIndex(of: place)]
  }

  private var onlyCrossAttentionInTheMiddle: Bool {
    if let midBlockOnlyCrossAttention { return midBlockOnlyCrossAttention }
    if case .all(let only) = onlyCrossAttention { return only }
    return false
  }
}
