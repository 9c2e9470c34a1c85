import DiffusionTUI

/// What `snapshot` was asked for, read and checked.
public struct SnapshotRequest: Sendable {
  /// What the frame is written as.
  public enum Format: String, Sendable, CaseIterable {
    /// A picture.
    case svg
    /// Text with escape sequences for colour.
    case ansi
    /// Text alone.
    case txt
  }

  /// The explorer's own settings.
  public let explore: ExploreRequest
  /// The screen's size in cells.
  public let size: Size
  /// The keys to press, in order.
  public let keys: [Key]
  /// The file to write.
  public let output: String
  /// What the frame is written as.
  public let format: Format
}
