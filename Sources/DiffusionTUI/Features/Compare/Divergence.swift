import DiffusionCore

/// The first step at which two runs diverge: after it, their samples x_t are not bit-identical. Detected by hash, and
/// incrementally, so that each new step costs one comparison.
public struct Divergence: Sendable, Equatable {
  private let reference, other: Int
  /// The number of samples compared: those after 0, 1, 2 ... steps.
  private var compared = 0
  /// The number of steps after which they first differ, 0 for the noise; nil if they have not diverged.
  package private(set) var first: Int?

  /// Compares two runs, starting from their noise.
  package init(reference: ShownRun, other: ShownRun) {
    self.reference = reference.number
    self.other = other.number
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
  package var equalSteps: Int? { first == nil ? compared - 1 : nil }

  private mutating func update(reference: ShownRun, other: ShownRun) {
    let count = min(reference.history.count, other.history.count) + 1
    while first == nil, compared < count {
      let hashes = [reference, other].map { $0.statistics(.sample, at: compared)?.sha256 }
      if hashes[0] != hashes[1] { first = compared }
      compared += 1
    }
  }
}
