/// Why a ``TmuxSession`` could not do what it was asked to.
public struct TmuxError: Error, CustomStringConvertible {
  /// One line, or one line and a screen.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
