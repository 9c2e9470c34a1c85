/// Which files `generate` writes about a run's steps, read and checked.
public struct ExportRequest: Sendable, Equatable {
  /// The PNG of all steps, if any.
  public let contactSheet: String?
  /// The animated PNG, if any.
  public let animation: String?
  /// How the animation plays.
  public let timing: AnimationTiming
  /// How many times a pixel is repeated; nil for ``PixelImage/usualScale(width:height:)``.
  public let scale: Int?
  /// The table of statistics, if any.
  public let csv: String?
  /// The receipt, if any.
  public let receipt: String?
}
