extension UNet2DModelConfig {
  /// The kinds of block on the way down (`unet_2d_blocks.get_down_block`).
  public enum DownBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case downBlock2D = "DownBlock2D"
    /// Residual blocks, each followed by self-attention.
    case attnDownBlock2D = "AttnDownBlock2D"
    /// Residual blocks, of which the last halves the image.
    case resnetDownsampleBlock2D = "ResnetDownsampleBlock2D"
    /// Residual blocks beside a smaller and smaller copy of the sample, with filters (NCSN++).
    case skipDownBlock2D = "SkipDownBlock2D"
    /// The same, each residual block followed by self-attention.
    case attnSkipDownBlock2D = "AttnSkipDownBlock2D"
    /// Residual blocks with norms that the time embedding scales and shifts, and a filter.
    case kDownBlock2D = "KDownBlock2D"
    /// The same, each residual block followed by self-attention.
    case kCrossAttnDownBlock2D = "KCrossAttnDownBlock2D"
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
    /// Residual blocks, of which the last doubles the image.
    case resnetUpsampleBlock2D = "ResnetUpsampleBlock2D"
    /// Residual blocks beside a larger and larger image, which becomes part of the prediction, with filters (NCSN++).
    case skipUpBlock2D = "SkipUpBlock2D"
    /// The same, the last residual block followed by self-attention.
    case attnSkipUpBlock2D = "AttnSkipUpBlock2D"
    /// Residual blocks with norms that the time embedding scales and shifts, and a filter.
    case kUpBlock2D = "KUpBlock2D"
    /// The same, each residual block followed by self-attention.
    case kCrossAttnUpBlock2D = "KCrossAttnUpBlock2D"
  }

  /// What a timestep is projected to before it is embedded (`time_embedding_type`).
  public enum TimeEmbeddingType: String, Sendable, CaseIterable {
    /// Sines and cosines of fixed frequencies.
    case positional
    /// Sines and cosines of its logarithm times weights; the prediction is divided by the timestep.
    case fourier
    /// A row of a table.
    case learned
  }

  /// What changes the size of the images at the end of a level with attention (`downsample_type`, `upsample_type`).
  public enum ResamplingType: String, Sendable, CaseIterable {
    /// A convolution.
    case conv
    /// A residual block.
    case resnet
    /// Nothing, which Diffusers takes any other name for.
    case none
  }

  /// The function behind the norms of residual blocks (`act_fn`).
  public enum ActivationFunction: String, Sendable, CaseIterable {
    /// x * sigmoid(x), also called swish.
    case silu
    /// x * tanh(softplus(x)).
    case mish
    /// x times the normal distribution's cumulative function.
    case gelu
    /// x, or 0 where it is negative.
    case relu
  }

  /// What the class of an image is embedded by, if not by a table (`class_embed_type`).
  public enum ClassEmbedType: String, Sendable, CaseIterable {
    /// As a timestep: the projection of the label, then two linear layers.
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
