import DiffusionCore

/// A recorded run: it replays its steps one after the other, without a model.
public struct RecordedRun: SteppableRun, Sendable, Equatable {
  /// The model of the run.
  public let model: ModelReference
  /// The settings of the run.
  public let settings: RunSettings
  /// The schedule of the completed steps.
  public let schedule: [UpdateTerms]
  /// The noise it started from, `[batch, channels, height, width]`.
  public let initialNoise: Tensor<Float>
  /// x_T, or the picture with noise added: what the first step started from.
  public let initialSample: Tensor<Float>
  /// The picture that the run started from; nil for noise alone.
  public let picture: PictureRecord?
  /// What its samples are if they are latents; nil if they are images.
  public let latents: LatentFormat?
  /// Its prompts as the tokenizer cut them.
  public let tokenizedPrompts: [TokenizedPrompt]
  /// The class of each of its images; empty for a model without classes.
  public let imageClasses: [ImageClass]
  /// The stages that its steps belong to, in their order; empty for a run of one stage.
  public let stages: [StageSteps]
  /// The scheduler, in the form used in receipts.
  public let schedulerRecord: ReceiptScheduler
  /// The final images; nil if the run is not finished.
  package let finalImages: Tensor<Float>?
  /// Whether these are all steps of the run.
  public let isFinished: Bool
  /// The number of steps replayed.
  public private(set) var completedSteps = 0
  private let steps: [DenoisingStep]

  /// Creates a recording of the completed steps of a run on the screen.
  package init(_ run: ShownRun) {
    steps = run.history.map(\.step)
    model = run.description.model
    settings = run.description.settings
    schedule = Array(run.description.schedule.prefix(run.history.count))
    initialNoise = run.description.initialNoise
    initialSample = run.description.initialSample
    picture = run.description.picture
    (latents, tokenizedPrompts) = (run.description.latents, run.description.prompts)
    (imageClasses, stages) = (run.description.classes, run.description.stages)
    schedulerRecord = run.description.scheduler
    finalImages = run.history.last?.images
    isFinished = run.history.count == run.stepCount
  }

  /// The final images of the run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if it is not finished.
  public func images(of sample: Tensor<Float>) throws -> Tensor<Float> {
    guard let finalImages else { throw DiffusionError(.usage, "the run has no images yet: take its last step first") }
    return finalImages
  }

  /// Replays the next step. `progress` is never called, because nothing is computed.
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
