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

/// How an animation plays.
public struct AnimationTiming: Sendable, Equatable {
  /// Milliseconds that the last frame stays at least, so that the image can be seen.
  static let shortestEnd = 1000

  /// Milliseconds of each frame, 1 to 60,000.
  public let delay: Int
  /// How often it plays; 0 is for ever.
  public let loops: Int

  /// Says how an animation plays.
  public init(delay: Int = 100, loops: Int = 0) {
    (self.delay, self.loops) = (delay, loops)
  }

  /// Milliseconds of one frame of several.
  func delay(of frame: Int, among count: Int) -> Int {
    frame == count - 1 && count > 1 ? max(delay, Self.shortestEnd) : delay
  }
}
