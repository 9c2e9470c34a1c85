/// The steps of a stage in its run's timeline.
public struct StageSteps: Sendable, Equatable {
  /// The name of the stage: `prior`.
  public let name: String
  /// Its steps, counted from 0 at the beginning of the run.
  public let steps: Range<Int>
  /// The shape of its samples of one image: `[channels, height, width]`, or `[features]` for an embedding.
  public let sampleShape: [Int]
  /// alpha-bar of every training timestep of its scheduler, 0 to 1; empty if unknown.
  public let alphasCumprod: [Float]

  /// Creates a stage.
  public init(name: String, steps: Range<Int>, sampleShape: [Int], alphasCumprod: [Float] = []) {
    (self.name, self.steps, self.sampleShape) = (name, steps, sampleShape)
    self.alphasCumprod = alphasCumprod
  }
}

extension SteppableRun {
  /// The stage of a step; nil for a run of one stage.
  public func stage(ofStep step: Int) -> StageSteps? { stages.stage(ofStep: step) }
}

extension [StageSteps] {
  /// The stage of a step; nil if none has it.
  package func stage(ofStep step: Int) -> StageSteps? { first { $0.steps.contains(step) } }
}
