import DiffusionCore

/// A run whose steps are known: it gives them again, one after the other, without a model.
public struct RecordedRun: SteppableRun, Sendable, Equatable {
  /// The model that it is of.
  public let model: ModelReference
  /// What it ran with.
  public let settings: RunSettings
  /// The places on the schedule of the steps that it has taken.
  public let schedule: [UpdateTerms]
  /// The noise it started from, `[batch, channels, height, width]`.
  public let initialNoise: Tensor<Float>
  /// x_T, which the first step started from.
  public let initialSample: Tensor<Float>
  /// The scheduler, as a receipt names it.
  public let schedulerRecord: ReceiptScheduler
  /// The images that it ended with; nil where it has steps left.
  package let finalImages: Tensor<Float>?
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
    initialSample = run.description.initialSample
    schedulerRecord = run.description.scheduler
    finalImages = run.history.last?.images
    isFinished = run.history.count == run.stepCount
  }

  /// The images that the run ended with.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) where it has steps left.
  public func images(of sample: Tensor<Float>) throws -> Tensor<Float> {
    guard let finalImages else { throw DiffusionError(.usage, "the run has no images yet: take its last step first") }
    return finalImages
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
