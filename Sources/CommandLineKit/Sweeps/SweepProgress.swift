import DiffusionCore
import DiffusionTUI

/// How far a sweep is, in JSON and as the text of a line.
package struct SweepProgress: Encodable, Sendable, Equatable {
  /// The number of finished cells, and of all cells of the shard.
  package var done: Int
  /// The number of cells that this process is to do.
  package let cells: Int
  /// The number of cells that this process made, by which the time left is judged.
  package var made = 0
  /// The seconds since the first of them was begun.
  package var seconds = 0.0

  /// The batch at work; nil between two.
  package var batch: Batch?

  /// What is counted: `cell`.
  private let noun: String

  /// Cells that take their steps together.
  package struct Batch: Sendable, Equatable {
    /// The number of cells, and of the steps that each has.
    let cells: Int, steps: Int
    /// The number of steps that are taken.
    package var step = 0

    /// Creates a batch at its start.
    package init(cells: Int, steps: Int) { (self.cells, self.steps) = (cells, steps) }

    /// What is done of it, in cells.
    var share: Double { Double(cells) * Double(step) / Double(max(1, steps)) }
  }

  /// Creates the progress of work some of which is done.
  package init(done: Int, cells: Int, noun: String = "cell") {
    (self.done, self.cells, self.noun) = (done, cells, noun)
  }

  private enum CodingKeys: String, CodingKey {
    case done, cells, made, seconds
    case secondsLeft = "seconds_left"
  }

  /// The time that the other cells take if they take as long on average; nil before the first step.
  package var secondsLeft: Double? {
    let share = batch?.share ?? 0, worked = Double(made) + share
    return worked > 0 ? seconds / worked * max(0, Double(cells - done) - share) : nil
  }

  /// Encodes the counts and the times.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(done, forKey: .done)
    try container.encode(cells, forKey: .cells)
    try container.encode(made, forKey: .made)
    try container.encode(seconds, forKey: .seconds)
    try container.encodeIfPresent(secondsLeft, forKey: .secondsLeft)
  }

  /// `cell 120/400, step 3/10  31 s, 72 s left`; `cell 0/400` at the start.
  package var text: PrintedText {
    let steps = batch.map { ", step \($0.step)/\($0.steps)" } ?? ""
    guard seconds > 0 else { return "\(noun) \(done)/\(cells)\(steps)" }
    let left = secondsLeft.map { done < cells ? ", \(NumberText.duration($0)) left" : "" } ?? ""
    return "\(noun) \(done)/\(cells)\(steps)  \(NumberText.duration(seconds))\(left)"
  }
}

/// The progress of a sweep on standard error: a line that is rewritten in place on a terminal, elsewhere a line every
/// half a minute.
public final class SweepProgressLine {
  /// How often a log gets a line, in seconds.
  private static let pause = 30.0

  private let isTerminal: Bool
  private let format: GenerateRequest.Progress
  private let write: (PrintedText) -> Void
  private var last = 0.0

  /// Creates a line on a stream. A failure to write does not stop the work.
  public convenience init(on stream: DescriptorStream, format: GenerateRequest.Progress) {
    self.init(isTerminal: stream.isTerminal, format: format) { try? stream.write($0) }
  }

  /// Creates a line that calls a function to write.
  package init(isTerminal: Bool, format: GenerateRequest.Progress, write: @escaping (PrintedText) -> Void) {
    (self.isTerminal, self.format, self.write) = (isTerminal, format, write)
  }

  /// Shows how far the sweep is.
  package func show(_ progress: SweepProgress) {
    switch format {
    case .line where isTerminal: write("\r\(progress.text)\u{1B}[K")
    case .line where progress.seconds - last >= Self.pause:
      last = progress.seconds
      write("\(progress.text)\n")
    case .json: if let line = try? JSONReport.line(progress) { write(line) }
    case .line, .none: break
    }
  }

  /// Shows how far a batch is, or that none has ended. It is for people: JSON has an object for each batch that ended.
  package func showSteps(_ progress: SweepProgress) {
    if format == .line { show(progress) }
  }

  /// Shows what goes on beside cells that are made: only the line in place does.
  package func note(_ text: PrintedText) {
    if format == .line, isTerminal { write("\r\(text)\u{1B}[K") }
  }

  /// Erases the line in place.
  package func clear() {
    if format == .line, isTerminal { write("\r\u{1B}[K") }
  }
}
