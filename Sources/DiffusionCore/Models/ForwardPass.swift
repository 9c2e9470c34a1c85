import TensorKernels

/// The progress of a forward pass, reported before each block runs.
public struct ForwardProgress: Sendable, Equatable {
  /// The block about to run, by its name in the weights: `down_blocks.0.resnets.1`.
  public let block: String
  /// The number of blocks done.
  public let completed: Int
  /// The number of blocks in all.
  public let total: Int

  /// Creates a progress report.
  public init(block: String, completed: Int, total: Int) {
    self.block = block
    self.completed = completed
    self.total = total
  }

  /// The progress of several passes of as many blocks each, of which this is one.
  ///
  /// - Parameters:
  ///   - index: The number of passes before this one.
  ///   - count: The number of passes in all.
  func part(_ index: Int, of count: Int) -> ForwardProgress {
    ForwardProgress(block: block, completed: index * total + completed, total: count * total)
  }
}

/// Called before each block of a forward pass, and again with the same progress in the middle of a layer that takes
/// long; may throw (`CancellationError`, for example) to stop the pass there.
public typealias ForwardProgressHandler = (ForwardProgress) throws -> Void

/// A forward pass under way: its device, its time embedding, its text and its progress.
package struct ForwardPass {
  package private(set) var context: ComputeContext
  /// The time embedding behind the activation with which its readers begin, `[batch][timeChannels]`.
  package let time: FeatureMap
  /// The time embedding itself; nil where no layer reads it.
  package let plainTime: FeatureMap?
  /// Its projections for all residual blocks; nil where each block projects it.
  package var projections: FeatureMap?
  /// The image that skip blocks carry beside the hidden state; nil for none.
  package var image: FeatureMap?
  /// The text that transformers attend to: a map of height 1 with a column for each token; nil for none.
  package let text: FeatureMap?
  private let total: Int
  private let report: ForwardProgressHandler?
  private var completed = 0

  package init(
    context: ComputeContext, time: FeatureMap, plainTime: FeatureMap? = nil, text: FeatureMap? = nil,
    blocks total: Int, report: ForwardProgressHandler?
  ) {
    (self.context, self.time, self.plainTime, self.text) = (context, time, plainTime, text)
    self.total = total
    self.report = report
  }

  /// Reports that a block is about to run.
  ///
  /// - Throws: What the handler throws, to stop the pass there.
  package mutating func begin(_ block: String) throws {
    try context.begin(ForwardProgress(block: block, completed: completed, total: total), report)
    completed += 1
  }
}

extension ComputeContext {
  /// Reports a block that is about to run, and again in the middle of its long layers.
  ///
  /// - Throws: What the handler throws, to stop the pass there.
  mutating func begin(_ progress: ForwardProgress, _ report: ForwardProgressHandler?) throws {
    check = report.map { report in { try report(progress) } }
    try check?()
  }
}
