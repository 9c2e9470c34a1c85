import TensorKernels

/// The configuration of a ``UNet2DModel``, in Diffusers' names (`unet/config.json`).
///
/// Defaults are those of `diffusers.UNet2DModel.__init__` (`models/unets/unet_2d.py`, Diffusers 0.42.1). Keys that
/// Diffusers has but this engine does not implement have no property: ``init(json:file:)`` refuses them with an error.
public struct UNet2DModelConfig: Sendable, Equatable {
  /// Height, in pixels, of the images it was trained on; nil where `sample_size` is null and any size will do.
  public var sampleHeight: Int?
  /// Width, in pixels, of the images it was trained on; nil where `sample_size` is null and any size will do.
  public var sampleWidth: Int?
  /// The channels of the input sample.
  public var inChannels = 3
  /// The channels of the prediction.
  public var outChannels = 3
  /// Whether the sample is first mapped to 2x - 1.
  public var centerInputSample = false
  /// The width of the time embedding; nil for four times the first level's channels.
  public var timeEmbeddingDim: Int?
  /// The value subtracted from half the number of sinusoids to space their frequencies (`downscale_freq_shift`).
  public var freqShift = 0
  /// Whether cosines come before sines in the time embedding.
  public var flipSinToCos = true
  /// The kind of each level on the way down, largest image first.
  public var downBlockTypes: [DownBlockType] = [.downBlock2D, .attnDownBlock2D, .attnDownBlock2D, .attnDownBlock2D]
  /// The kind of the block in the middle; nil for none.
  public var midBlockType: MidBlockType? = .unetMidBlock2D
  /// The kind of each level on the way up, smallest image first.
  public var upBlockTypes: [UpBlockType] = [.attnUpBlock2D, .attnUpBlock2D, .attnUpBlock2D, .upBlock2D]
  /// The channels of each level, largest image first.
  public var blockOutChannels = [224, 448, 672, 896]
  /// The residual blocks of each level on the way down; on the way up there is one more.
  public var layersPerBlock = 2
  /// The value that the sums in the middle block are divided by.
  public var midBlockScaleFactor = 1.0
  /// 1: the halving convolutions pad every side by one. 0: they pad the right and the bottom by one.
  public var downsamplePadding = 1
  /// The channels of an attention head; nil for one head over all channels of the block.
  public var attentionHeadDim: Int? = 8
  /// The number of groups of the group norms.
  public var normNumGroups = 32
  /// The number of groups of the norm in the middle block's attention; nil for that of ``midAttentionNormNumGroups``.
  public var attnNormNumGroups: Int?
  /// The value added to a group's variance before the square root.
  public var normEps = 1e-5
  /// How the time embedding enters a residual block.
  public var resnetTimeScaleShift: ResnetTimeScaleShift = .default
  /// Whether the middle block has attention.
  public var addAttention = true
  /// What the class of an image is embedded by; nil for a table, if there are ``numClassEmbeds``, or for no classes.
  public var classEmbedType: ClassEmbedType?
  /// The number of classes, where they are embedded by a table.
  public var numClassEmbeds: Int?

  /// Creates a configuration with Diffusers' defaults.
  public init() {}
}

extension UNet2DModelConfig {
  /// Height and width, in pixels, of the images it was trained on (`sample_size`; one number means a square), or nil.
  public var sampleSize: (height: Int, width: Int)? {
    guard let sampleHeight, let sampleWidth else { return nil }
    return (sampleHeight, sampleWidth)
  }

  /// The width of the time embedding, given or derived.
  public var timeEmbedDim: Int {
    if let timeEmbeddingDim, timeEmbeddingDim != 0 { return timeEmbeddingDim }
    return (blockOutChannels.first ?? 0) * 4
  }

  /// The number that a sample's height and width must be multiples of: each level but the last halves them.
  public var sizeMultiple: Int { sideMultiple }

  /// The number of groups of the norm before the middle block's attention, or nil where there is no such norm.
  ///
  /// `UNetMidBlock2D.__init__`: without `attn_norm_num_groups` there is a norm only with the default time embedding.
  public var midAttentionNormNumGroups: Int? {
    attnNormNumGroups ?? (resnetTimeScaleShift == .default ? normNumGroups : nil)
  }

  private var classEmbedding: ClassEmbedding.Form? {
    switch classEmbedType {
    case nil: numClassEmbeds.map { .table(count: $0) }
    case .timestep: .timestep
    case .identity: .identity
    }
  }

  var timeEmbedding: UNetTimeEmbedding.Form {
    UNetTimeEmbedding.Form(timesteps: timesteps, channels: timeEmbedDim, classes: classEmbedding)
  }

  /// What a model that has classes takes of them: the first class for each image, or features of zeros.
  func exampleConditioning(batchSize: Int) -> ModelInput.Conditioning {
    switch classEmbedding {
    case nil: ModelInput.Conditioning()
    case .identity:
      ModelInput.Conditioning(
        classEmbeddings: Tensor(
          unchecked: [batchSize, timeEmbedDim], Array(repeating: 0, count: .product(batchSize, timeEmbedDim))))
    default: ModelInput.Conditioning(classLabels: Array(repeating: 0, count: batchSize))
    }
  }

  /// The number of attention heads for a number of channels.
  public func attentionHeads(channels: Int) -> Int {
    guard let attentionHeadDim, attentionHeadDim > 0 else { return 1 }
    return channels / attentionHeadDim
  }
}

extension UNet2DModelConfig: UNetBlockConfiguration {
  package var convInKernel: Int { 3 }
  package var convOutKernel: Int { 3 }
  package var blockTimeChannels: Int { timeEmbedDim }
  package var midBlockLayers: Int { midBlockType == nil ? 0 : 2 }

  package func layers(ofLevel level: Int) -> Int { layersPerBlock }

  /// The size of the feature maps of level `index` (0 is the full size); nil where `sample_size` is null. It is a
  /// property of the model and not of a sample, so that a model computes samples of every size the same way.
  package func level(_ index: Int) -> LevelSize? {
    sampleSize.map { LevelSize(index, height: $0.height, width: $0.width) }
  }

  package func attentions(at place: UNetPlace) -> Int {
    switch place {
    case .down(let level): downBlockTypes[level] == .attnDownBlock2D ? .max : 0
    case .middle: addAttention ? 1 : 0
    case .up(let level): upBlockTypes[level] == .attnUpBlock2D ? .max : 0
    }
  }

  package func attention(
    _ name: String, at place: UNetPlace, channels: Int, from reader: ParameterReader
  ) throws -> UNetAttention {
    let isMiddle = place == .middle
    return .pixels(
      try Attention(
        name, channels: channels, heads: attentionHeads(channels: channels),
        groups: isMiddle ? midAttentionNormNumGroups : normNumGroups, epsilon: normEps,
        divisor: isMiddle ? midBlockScaleFactor : 1, from: reader))
  }
}

extension UNet2DModelConfig {
  /// The kinds of block on the way down (`unet_2d_blocks.get_down_block`).
  public enum DownBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case downBlock2D = "DownBlock2D"
    /// Residual blocks, each followed by self-attention.
    case attnDownBlock2D = "AttnDownBlock2D"
  }

  /// The kinds of block in the middle (`unet_2d_blocks.UNetMidBlock2D`).
  public enum MidBlockType: String, Sendable, CaseIterable {
    /// A residual block, self-attention if the configuration adds it, a residual block.
    case unetMidBlock2D = "UNetMidBlock2D"
  }

  /// The kinds of block on the way up (`unet_2d_blocks.get_up_block`).
  public enum UpBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case upBlock2D = "UpBlock2D"
    /// Residual blocks, each followed by self-attention.
    case attnUpBlock2D = "AttnUpBlock2D"
  }

  /// What the class of an image is embedded by, if not by a table (`class_embed_type`).
  public enum ClassEmbedType: String, Sendable, CaseIterable {
    /// As a timestep: sinusoids of the label, then two linear layers.
    case timestep
    /// Not at all: features as wide as the time embedding are given.
    case identity
  }

  /// How the time embedding enters a residual block (`resnet.ResnetBlock2D`, `time_embedding_norm`).
  public enum ResnetTimeScaleShift: String, Sendable, CaseIterable {
    /// Added to the channels before the second norm.
    case `default` = "default"
    /// Scales the channels by 1 + its first half and shifts them by its second, after the second norm.
    case scaleShift = "scale_shift"
  }
}
