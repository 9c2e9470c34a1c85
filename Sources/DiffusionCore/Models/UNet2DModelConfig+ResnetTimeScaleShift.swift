extension UNet2DModelConfig {
  /// How the time embedding enters a residual block (`resnet.ResnetBlock2D`, `time_embedding_norm`).
  public enum ResnetTimeScaleShift: String, Sendable, CaseIterable {
    /// Added to the channels before the second norm.
    case `default` = "default"
    /// Scales the channels by 1 + its first half and shifts them by its second, after the second norm.
    case scaleShift = "scale_shift"
  }
}
