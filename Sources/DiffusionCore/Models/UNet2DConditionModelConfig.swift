import TensorKernels

/// The configuration of a ``UNet2DConditionModel``, in Diffusers' names (`unet/config.json`).
///
/// Defaults are those of `diffusers.UNet2DConditionModel.__init__` (`models/unets/unet_2d_condition.py`, Diffusers
/// 0.42.1). Keys that Diffusers has but this engine does not implement have no property: ``init(json:file:)`` refuses
/// them with an error.
public struct UNet2DConditionModelConfig: Sendable, Equatable {
  /// Height of the latents it was trained on; nil where `sample_size` is null and any size will do.
  public var sampleHeight: Int?
  /// Width of the latents it was trained on; nil where `sample_size` is null and any size will do.
  public var sampleWidth: Int?
  /// The channels of the input sample.
  public var inChannels = 4
  /// The channels of the prediction.
  public var outChannels = 4
  /// Whether the sample is first mapped to 2x - 1.
  public var centerInputSample = false
  /// Whether cosines come before sines in the time embedding.
  public var flipSinToCos = true
  /// The value subtracted from half the number of sinusoids to space their frequencies (`downscale_freq_shift`).
  public var freqShift = 0
  /// The kind of each level on the way down, largest image first.
  public var downBlockTypes: [DownBlockType] = [
    .crossAttnDownBlock2D, .crossAttnDownBlock2D, .crossAttnDownBlock2D, .downBlock2D,
  ]
  /// The kind of the block in the middle; nil for none.
  public var midBlockType: MidBlockType? = .unetMidBlock2DCrossAttn
  /// The kind of each level on the way up, smallest image first.
  public var upBlockTypes: [UpBlockType] = [
    .upBlock2D, .crossAttnUpBlock2D, .crossAttnUpBlock2D, .crossAttnUpBlock2D,
  ]
  /// Whether both attentions of a transformer block attend to the text, for the levels.
  public var onlyCrossAttention = PerLevel.all(false)
  /// Whether the simple attention in the middle attends to the text alone; nil for ``onlyCrossAttention`` where that is
  /// one value for all levels.
  public var midBlockOnlyCrossAttention: Bool?
  /// The channels of each level, largest image first.
  public var blockOutChannels = [320, 640, 1280, 1280]
  /// The residual blocks of each level on the way down; on the way up there is one more.
  public var layersPerBlock = PerLevel.all(2)
  /// 1: the halving convolutions pad every side by one. 0: they pad the right and the bottom by one.
  public var downsamplePadding = 1
  /// The value that the sums in the middle block are divided by.
  public var midBlockScaleFactor = 1.0
  /// The number of groups of the group norms.
  public var normNumGroups = 32
  /// The value added to a group's variance before the square root.
  public var normEps = 1e-5
  /// The features of each token of the text, for the levels; those with cross-attention agree.
  public var crossAttentionDim = PerLevel.all(1280)
  /// The transformer blocks behind each residual block, for the levels.
  public var transformerLayersPerBlock = PerLevel.all(1)
  /// The number of attention heads, for the levels. Diffusers calls it so for the sake of published configurations. In
  /// blocks of simple attention it is the channels of a head, as its name says.
  public var attentionHeadDim = PerLevel.all(8)
  /// Whether a transformer's projections are stored as linear layers and not as 1x1 convolutions.
  public var useLinearProjection = false
  /// What the class of an image is embedded by; nil for a table, if there are ``numClassEmbeds``, or for no classes.
  public var classEmbedType: ClassEmbedType?
  /// The number of classes, where they are embedded by a table.
  public var numClassEmbeds: Int?
  /// The features of a class embedding, where they are projected.
  public var projectionClassEmbeddingsInputDim: Int?
  /// Whether the class embedding follows the channels of the time embedding instead of being added to it.
  public var classEmbeddingsConcat = false
  /// How the time embedding enters a residual block.
  public var resnetTimeScaleShift: UNet2DModelConfig.ResnetTimeScaleShift = .default
  /// The width of the time embedding; nil for four times the first level's channels.
  public var timeEmbeddingDim: Int?
  /// The activation of the time embedding, once the class is in it, before the blocks read it; nil for none.
  public var timeEmbeddingActFn: TimeActivation?
  /// The activation at the end of the time embedding, before the class is added; nil for none.
  public var timestepPostAct: TimeActivation?
  /// The features of what is projected and added to the timestep's sinusoids; nil for no such projection.
  public var timeCondProjDim: Int?
  /// The sines and cosines of each size, crop and score that is added to the timestep, beside the text as a whole
  /// (`addition_embed_type` `text_time`); nil for no such addition.
  public var additionTimeEmbedDim: Int?
  /// The size of the first convolution's kernel.
  public var convInKernel = 3
  /// The size of the last convolution's kernel.
  public var convOutKernel = 3

  /// Creates a configuration with Diffusers' defaults.
  public init() {}
}

extension UNet2DConditionModelConfig {
  /// A value for all levels of a UNet, or one for each, largest image first.
  public enum PerLevel<Value: Sendable & Equatable>: Sendable, Equatable {
    /// One value for all of them.
    case all(Value)
    /// A value for each, the first level first.
    case each([Value])

    /// The value of a level; the list must have as many values as there are levels.
    public subscript(level: Int) -> Value {
      switch self {
      case .all(let value): value
      case .each(let values): values[level]
      }
    }
  }

  /// The kinds of block on the way down (`unet_2d_blocks.get_down_block`).
  public enum DownBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case downBlock2D = "DownBlock2D"
    /// Residual blocks, each followed by a transformer that attends to the text.
    case crossAttnDownBlock2D = "CrossAttnDownBlock2D"
    /// Residual blocks, of which the last halves the image.
    case resnetDownsampleBlock2D = "ResnetDownsampleBlock2D"
    /// The same, each but the last followed by attention to the text and the pixels at once.
    case simpleCrossAttnDownBlock2D = "SimpleCrossAttnDownBlock2D"
  }

  /// The kinds of block in the middle (`unet_2d_blocks.get_mid_block`).
  public enum MidBlockType: String, Sendable, CaseIterable {
    /// A residual block, a transformer that attends to the text, a residual block.
    case unetMidBlock2DCrossAttn = "UNetMidBlock2DCrossAttn"
    /// A residual block, attention to the text and the pixels at once, a residual block.
    case unetMidBlock2DSimpleCrossAttn = "UNetMidBlock2DSimpleCrossAttn"
    /// A residual block.
    case unetMidBlock2D = "UNetMidBlock2D"
  }

  /// The kinds of block on the way up (`unet_2d_blocks.get_up_block`).
  public enum UpBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case upBlock2D = "UpBlock2D"
    /// Residual blocks, each followed by a transformer that attends to the text.
    case crossAttnUpBlock2D = "CrossAttnUpBlock2D"
    /// Residual blocks, of which the last doubles the image.
    case resnetUpsampleBlock2D = "ResnetUpsampleBlock2D"
    /// The same, each but the last followed by attention to the text and the pixels at once.
    case simpleCrossAttnUpBlock2D = "SimpleCrossAttnUpBlock2D"
  }

  /// What the class of an image is embedded by, if not by a table (`class_embed_type`).
  public enum ClassEmbedType: String, Sendable, CaseIterable {
    /// As a timestep: sinusoids of the label, then two linear layers.
    case timestep
    /// Not at all: features as wide as the time embedding are given.
    case identity
    /// Two linear layers over given features.
    case projection
    /// One linear layer over given features.
    case simpleProjection = "simple_projection"
  }

  /// An activation of the time embedding.
  public enum TimeActivation: String, Sendable, CaseIterable {
    /// x * sigmoid(x).
    case silu
    /// x times the normal distribution function of x.
    case gelu
  }
}

extension UNet2DConditionModelConfig {
  /// Height and width of the latents it was trained on (`sample_size`; one number means a square), or nil.
  public var sampleSize: (height: Int, width: Int)? {
    guard let sampleHeight, let sampleWidth else { return nil }
    return (sampleHeight, sampleWidth)
  }

  /// The width of the time embedding, given or derived.
  public var timeEmbedDim: Int {
    if let timeEmbeddingDim, timeEmbeddingDim != 0 { return timeEmbeddingDim }
    return (blockOutChannels.first ?? 0) * 4
  }

  /// The number that a sample's height and width are best multiples of: each level but the last halves them.
  public var sizeMultiple: Int { sideMultiple }

  /// The features of each token of the text; nil if no block attends to it.
  public var textChannels: Int? { attendingLevels.first.map { crossAttentionDim[$0] } }

  /// The levels with cross-attention.
  var attendingLevels: [Int] {
    let last = blockOutChannels.count - 1
    return blockOutChannels.indices.filter { level in
      attentions(at: .down(level)) > 0 || attentions(at: .up(last - level)) > 0
        || (level == last && attentions(at: .middle) > 0)
    }
  }

  /// Whether the class of each image belongs to an input.
  var takesClasses: Bool { classEmbedding != nil }

  private var classEmbedding: ClassEmbedding.Form? {
    let features = projectionClassEmbeddingsInputDim ?? 0
    switch classEmbedType {
    case nil: return numClassEmbeds.map { .table(count: $0) }
    case .timestep: return .timestep
    case .identity: return .identity
    case .projection: return .projection(features: features)
    case .simpleProjection: return .simpleProjection(features: features)
    }
  }

  /// What is added to the timestep for a text as a whole and for sizes; nil for nothing.
  var addition: TextTimeEmbedding.Form? {
    additionTimeEmbedDim.map {
      TextTimeEmbedding.Form(
        features: projectionClassEmbeddingsInputDim ?? 0,
        timesteps: Timesteps(channels: $0, flipSinToCos: flipSinToCos, freqShift: freqShift))
    }
  }

  var timeEmbedding: UNetTimeEmbedding.Form {
    UNetTimeEmbedding.Form(
      projection: .positional(timesteps), channels: timeEmbedDim,
      conditionChannels: timeCondProjDim,
      timeActivation: timestepPostAct?.function, classes: classEmbedding, addition: addition,
      concatenatesClasses: classEmbeddingsConcat, lastActivation: timeEmbeddingActFn?.function)
  }
}

extension UNet2DConditionModelConfig.TimeActivation {
  fileprivate var function: Activation {
    switch self {
    case .silu: .silu
    case .gelu: .gelu
    }
  }
}
