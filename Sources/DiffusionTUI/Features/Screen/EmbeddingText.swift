import DiffusionCore

/// An embedding in words, in the place of a picture: its statistics and its distance to that of the step before.
package struct EmbeddingText {
  /// The lines, the first of which names it.
  package let lines: [String]

  /// The text of what a state shows; nil where that is an image, or not there yet.
  package init?(_ state: State) {
    guard let run = state.run, !run.description.stages.isEmpty,
      let tensor = run.tensor(state.view, at: state.position), tensor.shape.count == 2,
      let statistics = run.statistics(state.view, at: state.position)
    else { return nil }
    let before = state.position > 0 ? run.tensor(state.view, at: state.position - 1) : nil
    let distance = before.flatMap { Self.distance(tensor, $0) }
    let images = tensor.shape[0] > 1 ? "\(tensor.shape[0]) embeddings" : "an embedding"
    lines = [
      "\(images) of \(tensor.shape[1]) numbers", "",
      "mean \(NumberText.small(statistics.mean, 4))  std \(NumberText.small(statistics.std, 4))",
      "from \(NumberText.small(Double(statistics.min), 4)) to \(NumberText.small(Double(statistics.max), 4))",
      "L2 norm \(NumberText.small(statistics.l2, 4))",
      distance.map { "distance to the last \(NumberText.small($0, 4))" } ?? "the start of the prior",
    ]
  }

  /// The Euclidean distance of two embeddings, in binary64; nil for different shapes.
  private static func distance(_ first: Tensor<Float>, _ second: Tensor<Float>) -> Double? {
    guard first.shape == second.shape else { return nil }
    let squares = zip(first.scalars, second.scalars).reduce(0.0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
    return squares.squareRoot()
  }
}
