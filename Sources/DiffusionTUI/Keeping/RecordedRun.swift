import DiffusionCore

/// A run whose steps are known: it gives them again, one after the other, without a model.
public struct RecordedRun: SteppableRun, Sendable, Equatable {
  /// The model that it is of.
  public let model: ModelReference
  /// What it ran with.
  public let settings: RunSettings
  /// The places on the schedule of the steps that it has taken.
  public let schedule: [SchedulePoint]
  /// The noise it started from, `[batch, channels, height, width]`.
  public let initialNoise: Tensor<Float>
  /// Whether these are all steps that the run has.
  public let isFinished: Bool
  /// How many steps were given again.
  public private(set) var completedSteps = 0
  private let steps: [DenoisingStep]

  /// The steps that a run on the screen has taken.
  package init(_ run: ShownRun) {
    steps = run.history.map(\.step)
    model = run.description.model
    settings = run.description.settings
    schedule = Array(run.description.schedule.prefix(run.history.count))
    initialNoise = run.description.initialNoise
    isFinished = run.history.count == run.stepCount
  }

  /// Gives the next step; `progress` is not told of anything, since nothing is computed.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) after the last one.
  public mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep {
    guard completedSteps < steps.count else {
      throw DiffusionError(.usage, "the run has \(steps.count) steps: there is no step \(completedSteps + 1)")
    }
    completedSteps += 1
    return steps[completedSteps - 1]
  }
}
