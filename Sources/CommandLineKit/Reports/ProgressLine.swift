import DiffusionTUI

/// A line about the progress of long work that is rewritten in place on a terminal; elsewhere nothing is written.
public struct ProgressLine: Sendable {
  private let isTerminal: Bool
  private let write: @Sendable (PrintedText) -> Void

  /// Creates a line that calls a function to write, if `isTerminal`.
  public init(isTerminal: Bool, write: @escaping @Sendable (PrintedText) -> Void) {
    self.isTerminal = isTerminal
    self.write = write
  }

  /// Creates a line on a stream. A failure to write does not stop the work.
  public init(on stream: DescriptorStream) {
    self.init(isTerminal: stream.isTerminal) { try? stream.write($0) }
  }

  /// Rewrites the line with the number of completed steps and the time taken.
  public func show(completed: Int, total: Int, seconds: Double) {
    guard isTerminal else { return }
    write("\rstep \(completed)/\(total)  \(FixedDecimal.text(seconds, digits: 1)) s\u{1B}[K")
  }

  /// Erases the line.
  public func clear() {
    guard isTerminal else { return }
    write("\r\u{1B}[K")
  }
}
