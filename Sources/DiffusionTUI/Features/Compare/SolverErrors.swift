import DiffusionCore

/// How far finished runs end from the finished reference, by scheduler and number of steps. Runs of the same noise with
/// other numbers of steps add to it as long as the reference stays: a curve for each scheduler.
public struct SolverErrors: Sendable, Equatable {
  /// The number of the reference's run, and of those that were added.
  private var reference: Int?
  private var added: Set<Int> = []
  /// The root of the mean squared difference, by the scheduler's name and the number of steps.
  package private(set) var curves: [String: [Int: Double]] = [:]

  /// Adds a pane's comparison with the reference, if both have taken all their steps from the same noise.
  mutating func add(_ pane: Pane, reference: Pane) {
    guard let comparison = pane.comparison, comparison.subject.view == .sample, let metrics = comparison.metrics,
      let run = pane.run, let other = reference.run, pane.stepCount > 0, pane.position == pane.stepCount,
      reference.position == reference.stepCount
    else { return }
    if self.reference != other.number { (self.reference, added, curves) = (other.number, [], [:]) }
    guard added.insert(run.number).inserted, run.description.initialNoise == other.description.initialNoise else {
      return
    }
    let settings = run.description.settings
    curves[settings.scheduler ?? "own", default: [:]][settings.steps] = metrics.rootMeanSquareError
  }

  /// The numbers of steps that every scheduler has a run of, in order.
  package var steps: [Int] {
    guard let first = curves.values.first else { return [] }
    return curves.values.dropFirst().reduce(Set(first.keys)) { $0.intersection($1.keys) }.sorted()
  }
}
