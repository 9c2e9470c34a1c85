import DiffusionCore

/// The first step at which two runs diverge: after which their samples x_t are not equal in every bit. Told by their
/// hashes, and step by step, so that a new step costs one comparison.
public struct Divergence: Sendable, Equatable {
  private let reference, other: Int
  /// The samples after 0, 1, 2 ... steps that were compared.
  private var compared = 0
  /// After how many steps they differ for the first time: 0 for the noise; nil while they do not.
  package private(set) var first: Int?

  /// Compares two runs from their noise on.
  package init(reference: ShownRun, other: ShownRun) {
    self.reference = reference.number
    self.other = other.number
    update(reference: reference, other: other)
  }

  /// The comparison of these runs: this one carried on, or a new one if it is of others.
  package func updated(reference: ShownRun, other: ShownRun) -> Divergence {
    guard reference.number == self.reference, other.number == self.other else {
      return Divergence(reference: reference, other: other)
    }
    var divergence = self
    divergence.update(reference: reference, other: other)
    return divergence
  }

  /// How many steps of both are equal in every bit, the noise not counted; nil if not even the noise is.
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
