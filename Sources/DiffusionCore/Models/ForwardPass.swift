import TensorKernels

/// Where a forward pass stands: told before each block runs.
public struct ForwardProgress: Sendable, Equatable {
  /// The block about to run, by its name in the weights: `down_blocks.0.resnets.1`.
  public let block: String
  /// How many blocks are done.
  public let completed: Int
  /// How many there are.
  public let total: Int

  /// Describes where a forward pass stands.
  public init(block: String, completed: Int, total: Int) {
    self.block = block
    self.completed = completed
    self.total = total
  }
}

/// Told before each block of a forward pass; throws (`CancellationError`, say) to stop it there.
public typealias ForwardProgressHandler = (ForwardProgress) throws -> Void

/// One forward pass under way: the device, the time embedding, and how far it has come.
package struct ForwardPass {
  package let context: ComputeContext
  /// SiLU of the time embedding, `[batch][timeEmbedDim]`.
  package let time: FeatureMap
  private let total: Int
  private let report: ForwardProgressHandler?
  private var completed = 0

  package init(context: ComputeContext, time: FeatureMap, blocks total: Int, report: ForwardProgressHandler?) {
    self.context = context
    self.time = time
    self.total = total
    self.report = report
  }

  /// Tells that a block is about to run.
  ///
  /// - Throws: What the handler throws, to stop the pass there.
  package mutating func begin(_ block: String) throws {
    try report?(ForwardProgress(block: block, completed: completed, total: total))
    completed += 1
  }
}
