import TensorKernels

/// One forward pass under way: who computes it, the time embedding, and how far it has come.
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
