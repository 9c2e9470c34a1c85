/// A step under way, as a sequence of model calls. Most pipelines need one; a corrector or a solver that evaluates
/// twice needs more.
///
/// It is a value and holds everything that the step changes: discarding it leaves nothing changed but the generators,
/// which the run restores.
package protocol StepInProgress {
  /// The input of the next model call.
  var input: ModelInput { get }

  /// Receives the output of the model.
  ///
  /// - Parameter noise: Draws standard normals in the sample's shape.
  /// - Returns: The step's result; nil if the model is to be called again, with the new ``input``.
  /// - Throws: What the scheduler and `noise` throw.
  mutating func receive(_ modelOutput: Tensor<Float>, noise: () throws -> Tensor<Float>) throws -> CompletedStep?
}

/// The result of a step, before the run applies it.
package struct CompletedStep {
  /// The output of the last model call.
  package let modelOutput: Tensor<Float>
  /// The scheduler's result.
  package let output: SchedulerOutput
  /// The scheduler after the step, with the history that it keeps.
  package let scheduler: any Scheduler
  /// What the prediction was guided from; nil without guidance.
  package var guidance: GuidedPrediction?
}

/// A step of Diffusers' schedulers: scale the input, run the model, step; as often as the scheduler calls the model.
package struct PlainStep: StepInProgress {
  package private(set) var input: ModelInput
  private let step: Int
  private let sample: Tensor<Float>
  private let options: SchedulerOptions
  private var scheduler: any Scheduler
  private var callsLeft: Int

  /// Begins step `step` of a scheduler from x_t.
  ///
  /// - Parameters:
  ///   - step: The index in the scheduler's timesteps.
  ///   - scheduler: The scheduler.
  ///   - sample: x_t.
  ///   - isScaled: Whether the sample is scaled for the model already.
  ///   - options: The step options of the run.
  ///   - conditioning: What the run's prompts tell the model.
  ///   - noise: Draws standard normals in the sample's shape, for a scheduler that begins with them.
  package init(
    _ step: Int, of scheduler: any Scheduler, from sample: Tensor<Float>, isScaled: Bool = false,
    options: SchedulerOptions, conditioning: ModelInput.Conditioning = ModelInput.Conditioning(),
    noise: () throws -> Tensor<Float>
  ) throws {
    var scheduler = scheduler
    let call = try scheduler.modelCall(at: step, sample: sample, noise: noise)
    input = ModelInput(
      sample: isScaled ? sample : call.sample, timestep: call.timestep, conditioning: conditioning)
    callsLeft = scheduler.modelCalls(at: step)
    (self.step, self.sample, self.options, self.scheduler) = (step, sample, options, scheduler)
  }

  package mutating func receive(
    _ modelOutput: Tensor<Float>, noise: () throws -> Tensor<Float>
  ) throws -> CompletedStep? {
    let output = try scheduler.step(modelOutput, at: step, sample: sample, options: options, noise: noise)
    callsLeft -= 1
    guard callsLeft > 0 else {
      return CompletedStep(modelOutput: modelOutput, output: output, scheduler: scheduler)
    }
    let call = try scheduler.modelCall(at: step, sample: sample, noise: noise)
    (input.sample, input.timestep) = (call.sample, call.timestep)
    return nil
  }

  /// Returns x_0 as the step would predict it from another output of the model. It changes nothing and draws nothing.
  var original: @Sendable (Tensor<Float>) throws -> Tensor<Float> {
    // It is kept as long as the step's result, and takes only what it needs.
    { [step, sample, options, scheduler] modelOutput in
      var scheduler = scheduler
      let output = try scheduler.step(modelOutput, at: step, sample: sample, options: options) {
        sample.map { _ in 0 }
      }
      return output.predOriginalSample
    }
  }
}
