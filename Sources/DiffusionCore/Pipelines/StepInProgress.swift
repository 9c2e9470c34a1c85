/// A step under way: what the model is asked, one call after the other. Most pipelines ask once; a corrector or a
/// solver that evaluates twice asks again.
///
/// It is a value, and holds all that the step changes: one that is thrown away has changed nothing but generators,
/// which the run puts back.
package protocol StepInProgress {
  /// What the model is asked now.
  var input: ModelInput { get }

  /// Takes what the model said.
  ///
  /// - Parameter noise: Draws standard normals in the sample's shape.
  /// - Returns: The step's result; nil if the model is to be asked again, for the new ``input``.
  /// - Throws: What the scheduler and `noise` throw.
  mutating func receive(_ modelOutput: Tensor<Float>, noise: () throws -> Tensor<Float>) throws -> CompletedStep?
}

/// What a step has made before the run takes it over.
package struct CompletedStep {
  /// What the model said, the last time it was asked.
  package let modelOutput: Tensor<Float>
  /// What the scheduler made of it.
  package let output: SchedulerOutput
  /// The scheduler after the step, with the history that it keeps.
  package let scheduler: any Scheduler
}

/// The step of every scheduler that has one in Diffusers: scale the input, ask the model, step.
package struct PlainStep: StepInProgress {
  package let input: ModelInput
  private let step: Int
  private let sample: Tensor<Float>
  private let options: SchedulerOptions
  private var scheduler: any Scheduler

  /// Begins step `step` of a scheduler from x_t.
  package init(
    _ step: Int, of scheduler: any Scheduler, from sample: Tensor<Float>, options: SchedulerOptions,
    conditioning: ModelInput.Conditioning = ModelInput.Conditioning()
  ) throws {
    input = ModelInput(
      sample: try scheduler.scaleModelInput(sample, at: step), timestep: try scheduler.timestep(at: step),
      conditioning: conditioning)
    (self.step, self.sample, self.options, self.scheduler) = (step, sample, options, scheduler)
  }

  package mutating func receive(
    _ modelOutput: Tensor<Float>, noise: () throws -> Tensor<Float>
  ) throws -> CompletedStep? {
    let output = try scheduler.step(modelOutput, at: step, sample: sample, options: options, noise: noise)
    return CompletedStep(modelOutput: modelOutput, output: output, scheduler: scheduler)
  }
}
