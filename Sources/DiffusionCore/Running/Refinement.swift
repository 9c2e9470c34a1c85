/// Where a run passes from a model to its refiner.
struct Refinement: Sendable {
  /// The share of the noise's timesteps that the model takes; nil without a refiner.
  var end: Double?

  /// The last timestep of the model, as Diffusers rounds it.
  private func cutoff(_ end: Double, of scheduler: any Scheduler) -> Float {
    let count = Double(scheduler.alphasCumprod.count)
    return Float((count - end * count).rounded(.toNearestOrEven))
  }

  /// The steps of the model among some (`StableDiffusionXLPipeline.__call__`, `denoising_end`).
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if there is none.
  func kept(_ steps: Range<Int>, of scheduler: any Scheduler) throws -> Range<Int> {
    guard let end else { return steps }
    let cutoff = cutoff(end, of: scheduler)
    let count = scheduler.timesteps[steps].count { $0 >= cutoff }
    guard count > 0 else { throw error("no step before the refiner's", end) }
    return steps.lowerBound..<steps.lowerBound + count
  }

  /// The first step of the refiner (`StableDiffusionXLImg2ImgPipeline.get_timesteps`, `denoising_start`).
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if there is none.
  func first(of scheduler: any Scheduler) throws -> Int {
    guard let end else { return 0 }
    let cutoff = cutoff(end, of: scheduler)
    var count = scheduler.timesteps.count { $0 < cutoff }
    guard count > 0 else { throw error("no step to the refiner", end) }
    // A step of the second order is not taken apart.
    if scheduler.order == 2, count.isMultiple(of: 2) { count += 1 }
    return scheduler.timesteps.count - count
  }

  private func error(_ what: String, _ end: Double) -> DiffusionError {
    DiffusionError(
      .usage,
      "denoising_end \(SettingValue(number: end).text) leaves \(what): expected another share, or more steps"
    )
  }
}

extension RunSettings {
  /// Where the run passes to its refiner.
  var refinement: Refinement {
    Refinement(end: refiner.map { _ in denoisingEnd ?? Self.usualDenoisingEnd })
  }
}
