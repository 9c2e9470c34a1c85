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
  /// What a timestep is projected to before it is embedded.
  public var timeEmbeddingType = TimeEmbeddingType.positional
  /// The number of timesteps of a learned projection.
  public var numTrainTimesteps: Int?
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
  /// 1: the halving convolutions pad every side by one. 0: they pad the right and the bottom by one. Others have no
  /// size that the way up comes back to, and are possible where no convolution halves.
  public var downsamplePadding = 1
  /// What halves the images of the levels with attention.
  public var downsampleType = ResamplingType.conv
  /// What doubles the images of the levels with attention.
  public var upsampleType = ResamplingType.conv
  /// The function behind the norms of residual blocks, and with which they read the time embedding.
  public var actFn = ActivationFunction.silu
  /// The channels of an attention head; nil for one head over all channels of the block. The heads may have fewer
  /// channels together than the block.
  public var attentionHeadDim: Int? = 8
  /// The number of groups of the group norms; nil for a quarter of the channels, at most 32, in the middle and at the
  /// end, where no other block needs the number.
  public var normNumGroups: Int? = 32
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
    attnNormNumGroups ?? (resnetTimeScaleShift == .default ? groups(channels: blockOutChannels.last ?? 0) : nil)
  }

  private var classEmbedding: ClassEmbedding.Form? {
    switch classEmbedType {
    case nil: numClassEmbeds.map { .table(count: $0) }
    case .timestep: .timestep
    case .identity: .identity
    }
  }

  var timeEmbedding: UNetTimeEmbedding.Form {
    let projection: TimestepProjection.Form =
      switch timeEmbeddingType {
      case .positional: .positional(timesteps)
      case .fourier: .fourier(channels: blockOutChannels[0])
      case .learned: .learned(count: numTrainTimesteps ?? 0, channels: blockOutChannels[0])
      }
    return UNetTimeEmbedding.Form(
      projection: projection, channels: timeEmbedDim, classes: classEmbedding, readersActivation: activation,
      isReadPlain: hasAdaptiveNorms)
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
