import DiffusionTUI

/// A request of `snapshot`, read and checked.
public struct SnapshotRequest: Sendable {
  /// The file format of the frame.
  public enum Format: String, Sendable, CaseIterable {
    /// An image.
    case svg
    /// Text with escape sequences for colour.
    case ansi
    /// Plain text.
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
  /// The file format of the frame.
  public let format: Format
}
