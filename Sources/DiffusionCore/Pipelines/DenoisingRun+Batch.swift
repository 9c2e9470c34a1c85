extension DenoisingRun {
  /// How many pixels (images times height times width) runs that share a forward pass have at most: 64 images of 32x32, or one
  /// of 256x256. Feature maps and skip connections grow with them, and above it a larger batch costs memory and gains nothing. A run
  /// whose own batch is larger is not split: it goes alone, as it would by itself.
  public static let maximumPixelsInAPass = 65_536

  /// Takes the next step of several runs, those that share a model and a timestep in one forward pass.
  ///
  /// Runs share a model if they have the same ``UNet2DModel`` object, and so the same device, threads and weights; see
  /// ``DDIMPipeline/run(_:)``. Everything else may differ: seeds, steps, eta, noise device, batch size. Every result is
  /// bit-identical to that of ``step(progress:)``, because no image of a batch depends on another, and each run takes its own
  /// scheduler's step with its own noise.
  ///
  /// - Parameters:
  ///   - runs: The runs; one that fails stays as it was.
  ///   - progress: Told before each block of each pass; `completed` and `total` are over all passes, as if each were as long as
  ///     the one under way.
  /// - Returns: For each run its step, or why it has none: ``DiffusionError`` (`usage`) for one that is finished. A step's
  ///   ``DenoisingStep/seconds`` are its images' share of the pass and its own update.
  /// - Throws: What `progress` throws, with every run as it was, generators included.
  public static func step(
    _ runs: inout [DenoisingRun], progress: ForwardProgressHandler? = nil
  ) throws -> [Result<DenoisingStep, any Error>] {
    var predictions = [Result<BatchedPass.Prediction, any Error>?](repeating: nil, count: runs.count)
    let passes = BatchedPass.passes(of: runs)
    for (index, pass) in passes.enumerated() {
      let report = progress.map { progress in
        { (part: ForwardProgress) in
          try progress(
            ForwardProgress(
              block: part.block, completed: index * part.total + part.completed, total: passes.count * part.total))
        }
      }
      for (member, prediction) in zip(pass.members, try pass.predict(runs, progress: report)) {
        predictions[member] = prediction
      }
    }
    // Noise is drawn only now, when nothing can be cancelled any more.
    var results: [Result<DenoisingStep, any Error>] = []
    for (index, prediction) in predictions.enumerated() {
      results.append(Result { try runs[index].take(prediction) })
    }
    return results
  }

  /// Finishes a step of which the model has had its say.
  private mutating func take(_ prediction: Result<BatchedPass.Prediction, any Error>?) throws -> DenoisingStep {
    guard let prediction = try prediction?.get() else { throw finishedError }
    let (output, duration) = try Self.timed(by: clock) {
      try finishStep(prediction.modelOutput, nonFinite: prediction.nonFinite)
    }
    return advance(output, seconds: prediction.seconds + duration / .seconds(1))
  }
}

extension DenoisingRun {
  /// Which runs, by their places, the next ``step(_:progress:)`` takes through the model together; finished ones are in none.
  package static func sharedPasses(of runs: [DenoisingRun]) -> [[Int]] {
    BatchedPass.passes(of: runs).map(\.members)
  }
}
