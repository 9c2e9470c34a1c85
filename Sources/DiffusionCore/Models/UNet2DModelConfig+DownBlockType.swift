extension UNet2DModelConfig {
  /// The kinds of block on the way down (`unet_2d_blocks.get_down_block`).
  public enum DownBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case downBlock2D = "DownBlock2D"
    /// Residual blocks, self-attention after each.
    case attnDownBlock2D = "AttnDownBlock2D"
  }
}
