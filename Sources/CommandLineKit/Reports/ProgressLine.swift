import DiffusionTUI

/// One line about long work that is rewritten in place, on a terminal; nothing elsewhere.
public struct ProgressLine: Sendable {
  private let isTerminal: Bool
  private let write: @Sendable (PrintedText) -> Void

  /// Makes a line that is written by a function, if `isTerminal`.
  public init(isTerminal: Bool, write: @escaping @Sendable (PrintedText) -> Void) {
    self.isTerminal = isTerminal
    self.write = write
  }

  /// A line on a stream. That it cannot be written is no reason to stop the work.
  public init(on stream: DescriptorStream) {
    self.init(isTerminal: stream.isTerminal) { try? stream.write($0) }
  }

  /// Rewrites the line: how many steps are done, and how long that took.
  public func show(completed: Int, total: Int, seconds: Double) {
    guard isTerminal else { return }
    write("\rstep \(completed)/\(total)  \(FixedDecimal.text(seconds, digits: 1)) s\u{1B}[K")
  }

  /// Removes the line.
  public func clear() {
    guard isTerminal else { return }
    write("\r\u{1B}[K")
  }
}
