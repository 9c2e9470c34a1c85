extension UNet2DModelConfig {
  /// The kinds of block in the middle (`unet_2d_blocks.UNetMidBlock2D`).
  public enum MidBlockType: String, Sendable, CaseIterable {
    /// A residual block, self-attention if the configuration adds it, a residual block.
    case unetMidBlock2D = "UNetMidBlock2D"
  }
}
