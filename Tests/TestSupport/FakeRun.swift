import DiffusionCore

/// A run of a ``FakeEngine``: its sample is one number, which counts the steps.
public struct FakeRun: SteppableRun {
  /// The settings of the run.
  public let settings: RunSettings
  /// As many points as steps.
  public let schedule: [UpdateTerms]
  /// One zero.
  public let initialNoise: Tensor<Float>
  /// The number of completed steps.
  public private(set) var completedSteps = 0
  private let controls: FakeEngine.Controls

  init(settings: RunSettings, controls: FakeEngine.Controls) throws {
    self.settings = settings
    self.controls = controls
    schedule = (0..<settings.steps).map { index in
      UpdateTerms(timestep: Float(settings.steps - 1 - index), alphaCumprod: 0.5, sigma: 0)
    }
    initialNoise = try Tensor(shape: [1, 1, 1, 1], scalars: [0])
  }

  /// Takes a step at the pace of the controls.
  public mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep {
    try controls.checkStep(of: settings)
    try controls.passTime(progress)
    let sample = try Tensor(shape: [1, 1, 1, 1], scalars: [Float(completedSteps)])
    let previous = try Tensor(shape: [1, 1, 1, 1], scalars: [Float(completedSteps + 1)])
    defer { completedSteps += 1 }
    return DenoisingStep(
      index: completedSteps, terms: schedule[completedSteps], sample: sample, modelOutput: sample,
      predOriginalSample: sample, prevSample: previous, seconds: 0)
  }
}
