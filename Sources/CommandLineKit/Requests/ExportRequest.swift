/// The files that `generate` writes about a run's steps, read and checked.
public struct ExportRequest: Sendable, Equatable {
  /// The PNG of all steps, if any.
  public let contactSheet: String?
  /// The animated PNG, if any.
  public let animation: String?
  /// The timing of the animation.
  public let timing: AnimationTiming
  /// The number of times each pixel is repeated; nil for ``PixelImage/usualScale(width:height:)``.
  public let scale: Int?
  /// The table of statistics, if any.
  public let csv: String?
  /// The receipt, if any.
  public let receipt: String?

  /// Whether there is a file to write.
  var writesFiles: Bool { [contactSheet, animation, csv, receipt].contains { $0 != nil } }
}

/// The timing of an animation.
public struct AnimationTiming: Sendable, Equatable {
  /// The shortest display of the last frame in milliseconds, so that the image can be seen.
  static let shortestEnd = 1000

  /// The display of each frame in milliseconds, 1 to 60,000.
  public let delay: Int
  /// The number of times it plays; 0 plays it for ever.
  public let loops: Int

  /// Creates a timing.
  public init(delay: Int = 100, loops: Int = 0) {
    (self.delay, self.loops) = (delay, loops)
  }

  /// The display of one of several frames, in milliseconds.
  func delay(of frame: Int, among count: Int) -> Int {
    frame == count - 1 && count > 1 ? max(delay, Self.shortestEnd) : delay
  }
}
