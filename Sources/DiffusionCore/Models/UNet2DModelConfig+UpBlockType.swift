extension UNet2DModelConfig {
  /// The kinds of block on the way up (`unet_2d_blocks.get_up_block`).
  public enum UpBlockType: String, Sendable, CaseIterable {
    /// Residual blocks.
    case upBlock2D = "UpBlock2D"
    /// Residual blocks, self-attention after each.
    case attnUpBlock2D = "AttnUpBlock2D"
  }
}
