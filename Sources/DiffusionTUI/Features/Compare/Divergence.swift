import DiffusionCore

/// Where two runs diverge, and how far: the first step after which their samples x_t are not bit-identical, and the
/// largest difference after each step. Found incrementally, so that each new step costs one comparison.
public struct Divergence: Sendable, Equatable {
  private let reference, other: Int
  /// Whether differences are measured, not only found.
  private let measures: Bool
  /// The largest difference of two values after 0, 1, 2 ... steps; NaN where shapes differ, or where it is not
  /// measured.
  package private(set) var largest: [Double] = []
  /// The number of steps after which they first differ, 0 for the noise; nil if they have not diverged.
  package private(set) var first: Int?

  /// Compares two runs, starting from their noise.
  ///
  /// - Parameters:
  ///   - reference: The run that the other one is compared with.
  ///   - other: The other run.
  ///   - measures: Whether differences are measured, not only found.
  package init(reference: ShownRun, other: ShownRun, measures: Bool = true) {
    (self.reference, self.other, self.measures) = (reference.number, other.number, measures)
    update(reference: reference, other: other)
  }

  /// The comparison of two runs: this one continued, or a new one if it is of different runs.
  package func updated(reference: ShownRun, other: ShownRun) -> Divergence {
    guard reference.number == self.reference, other.number == self.other else {
      return Divergence(reference: reference, other: other)
    }
    var divergence = self
    divergence.update(reference: reference, other: other)
    return divergence
  }

  /// The number of steps at which both are bit-identical, not counting the noise; nil once they have diverged.
  package var equalSteps: Int? { first == nil ? largest.count - 1 : nil }

  private mutating func update(reference: ShownRun, other: ShownRun) {
    let count = min(reference.history.count, other.history.count) + 1
    while largest.count < count {
      let step = largest.count
      let isEqual = reference.statistics(.sample, at: step)?.sha256 == other.statistics(.sample, at: step)?.sha256
      if !isEqual, first == nil { first = step }
      largest.append(isEqual ? 0 : !measures ? .nan : Self.largestDifference(reference, other, after: step))
    }
  }

  private static func largestDifference(_ reference: ShownRun, _ other: ShownRun, after step: Int) -> Double {
    guard let left = reference.tensor(.sample, at: step), let right = other.tensor(.sample, at: step) else {
      return .nan
    }
    return (try? TensorComparison.maximumAbsoluteDifference(reference: left, other: right)) ?? .nan
  }
}
