import CGPU
import TensorKernels

extension GPUBackend {
  private static let tile = 64
  /// The largest number of groups in the third dimension, with some to spare.
  private static let pairLimit = 1 << 15

  /// In parts of as many pairs of an image and a head as the workspace has room for, or of as many queries of one pair.
  package func attention(_ operation: AttentionOperation) throws {
    let problem = cgpu_attention(checking: operation)
    let output = operation.output, queries = output.pixels, keys = operation.key.map.pixels
    let pairs = output.batch * operation.heads
    let perPair = Swift.max(1, queries * keys)
    let pairPart = Swift.max(1, Swift.min(pairs, Self.pairLimit, workspaceLimit / perPair))
    let queryPart = perPair <= workspaceLimit ? queries : Swift.max(Self.tile, workspaceLimit / keys)
    guard output.buffer.count > 0 else { return }
    let scores = try workspace(count: pairPart * Swift.min(queries, queryPart) * keys)
    let totals = try workspace(count: pairPart * Swift.min(queries, queryPart))
    for firstPair in stride(from: 0, to: pairs, by: pairPart) {
      for firstQuery in stride(from: 0, to: queries, by: queryPart) {
        var part = problem
        (part.first_pair, part.pairs) = (Int32(firstPair), Int32(Swift.min(pairPart, pairs - firstPair)))
        (part.first_query, part.query_count) = (Int32(firstQuery), Int32(Swift.min(queryPart, queries - firstQuery)))
        try attend(operation, part, scores: scores, totals: totals)
      }
    }
  }

  private func attend(
    _ operation: AttentionOperation, _ part: cgpu_attention, scores: GPUBuffer, totals: GPUBuffer
  ) throws {
    let queryTiles = Int(part.query_count).parts(of: Self.tile), pairs = Int(part.pairs)
    try launch(
      cgpu_run_attention_scores, groups: (queryTiles, Int(part.keys).parts(of: Self.tile), pairs),
      [.value(part), .map(operation.query.map), .map(operation.key.map), .buffer(scores)], for: "an attention")
    try launch(
      cgpu_run_attention_softmax, groups: ((pairs * Int(part.query_count)).parts(of: 16), 1, 1),
      [.value(part), .buffer(scores), .buffer(totals)], for: "an attention")
    try launch(
      cgpu_run_attention_values, groups: (queryTiles, Int(part.head_dim).parts(of: Self.tile), pairs),
      [
        .value(part), .buffer(scores), .buffer(totals), .map(operation.value.map), .map(operation.output),
      ], for: "an attention")
  }
}

extension cgpu_attention {
  /// Checks the operands and describes the whole problem for the kernels.
  fileprivate init(checking operation: AttentionOperation) {
    let (query, key, value) = (operation.query, operation.key, operation.value), output = operation.output
    operation.requireFit()
    self.init()
    (queries, keys) = (Int32(output.pixels), Int32(key.map.pixels))
    (heads, head_dim, scale) = (Int32(operation.heads), Int32(operation.headDim), operation.scale)
    (query_first, query_stride) = (Int32(query.first), Int32(query.map.channels))
    (key_first, key_stride) = (Int32(key.first), Int32(key.map.channels))
    (value_first, value_stride) = (Int32(value.first), Int32(value.map.channels))
    is_causal = operation.isCausal ? 1 : 0
  }
}
