extension DenoisingRun {
  /// How much each pixel of a step's first image attends to each token of its prompt; nil for a model that attends to
  /// none. The run does not change.
  ///
  /// - Parameters:
  ///   - step: A step that the run has taken.
  ///   - progress: Called before each block of the model; an error it throws stops the pass there.
  /// - Throws: What `progress` throws, and ``DiffusionError`` (`usage`) for a step that is none of the run's.
  public func textAttention(of step: DenoisingStep, progress: ForwardProgressHandler?) throws -> TextAttention? {
    guard step.index < completedSteps, let part = (formerParts + [part]).last(where: { $0.begins <= step.index })
    else {
      throw DiffusionError(.usage, "step \(step.index + 1) is none of the \(completedSteps) that the run has taken")
    }
    let own = step.index - part.firstStep, prompts = part.settings.prompts.count
    // A blend's text follows the prompts; its tokens name the states that are mostly its own.
    let isBlend = part.settings.promptBlend.map { $0.strength > 0.5 } ?? false
    let index = isBlend ? max(1, prompts) : prompts > 1 ? (part.settings.selection.image ?? 1) - 1 : 0
    guard part.conditioning.prompts.indices.contains(index), step.sample.shape.count == 4 else { return nil }
    var scheduler = part.scheduler
    let noise = step.varianceNoise ?? step.sample.map { _ in 0 }
    let call = try scheduler.modelCall(at: own, sample: step.sample) { noise }
    let input = ModelInput(
      sample: call.sample, timestep: call.timestep, conditioning: part.conditioning.conditional)
    let maps = try part.model.textAttention(input.firstImage, progress: progress)
    let weights = maps?.average(height: step.sample.shape[2], width: step.sample.shape[3])
    return weights.map { TextAttention(prompt: part.conditioning.prompts[index], weights: $0) }
  }
}
