import DiffusionCore
import DiffusionTUI

/// The progress of long work: a line that is rewritten in place on a terminal, or a JSON object for each step.
public struct ProgressLine: Sendable {
  private let format: GenerateRequest.Progress
  private let write: @Sendable (PrintedText) -> Void

  /// Creates a line that calls a function to write. The line in place is only for terminals.
  public init(
    isTerminal: Bool, format: GenerateRequest.Progress = .line, write: @escaping @Sendable (PrintedText) -> Void
  ) {
    self.format = format == .line && !isTerminal ? .none : format
    self.write = write
  }

  /// Creates a line on a stream. A failure to write does not stop the work.
  public init(on stream: DescriptorStream, format: GenerateRequest.Progress = .line) {
    self.init(isTerminal: stream.isTerminal, format: format) { try? stream.write($0) }
  }

  /// Shows how far a run is.
  package func show(_ progress: RunProgress) {
    switch format {
    case .line: write("\r\(progress.text)\u{1B}[K")
    case .json where progress.step > 0: if let line = try? JSONReport.line(progress) { write(line) }
    case .json, .none: break
    }
  }

  /// Shows how far the opening of a model is; only the line in place does.
  public func show(_ opening: OpeningProgress) {
    if format == .line { write("\r\(opening.text)\u{1B}[K") }
  }

  /// Erases the line in place.
  public func clear() {
    if format == .line { write("\r\u{1B}[K") }
  }
}

/// How far a run is, in JSON and as the text of a line.
package struct RunProgress: Encodable, Sendable, Equatable {
  /// The number of completed steps, and of all steps.
  private(set) var step = 0
  let steps: Int
  /// The timestep of the last step; nil before the first.
  private(set) var timestep: Float?
  /// The time that the last step took, and all so far.
  private(set) var stepSeconds = 0.0, seconds = 0.0
  /// The time left if the other steps take as long on average.
  private(set) var secondsLeft: Double?

  private enum CodingKeys: String, CodingKey {
    case step, steps, timestep, seconds
    case stepSeconds = "step_seconds"
    case secondsLeft = "seconds_left"
  }

  /// Creates the progress of a run before its first step.
  package init(steps: Int) { self.steps = steps }

  /// Counts a completed step.
  package mutating func append(_ step: DenoisingStep) { append(timestep: step.timestep, seconds: step.seconds) }

  /// Counts a completed step.
  package mutating func append(timestep: Float, seconds taken: Double) {
    step += 1
    (self.timestep, stepSeconds) = (timestep, Self.microseconds(taken))
    seconds = Self.microseconds(seconds + taken)
    secondsLeft = Self.microseconds(seconds / Double(step) * Double(steps - step))
  }

  /// Seconds in whole microseconds, which is as exact as a step's time is.
  private static func microseconds(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }

  /// `step 12/50  3.1 s, 9.7 s left`
  package var text: PrintedText {
    let left = secondsLeft.map { step < steps ? ", \(NumberText.duration($0)) left" : "" } ?? ""
    return "step \(step)/\(steps)  \(NumberText.duration(seconds))\(left)"
  }
}
