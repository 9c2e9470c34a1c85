/// A second pipeline that goes on where the first one stops, with its last sample: the refiner of Stable Diffusion XL.
final class Refiner: Sendable {
  /// Its name, as the runs' settings have it.
  let reference: ModelReference
  /// Its scheduler.
  let schedulerSource: SchedulerSource
  /// Its networks.
  let model: StableDiffusionXLModel

  /// The names of both stages.
  static let stages = (base: "base", refiner: "refiner")

  /// Creates a refiner.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) for a pipeline of another kind.
  convenience init(_ reference: ModelReference, _ pipeline: DiffusionPipeline) throws {
    guard let model = pipeline.model as? StableDiffusionXLModel else {
      throw DiffusionError(
        .badData,
        "\(reference.name) is no refiner: expected a StableDiffusionXLPipeline or StableDiffusionXLImg2ImgPipeline"
      )
    }
    self.init(reference, model, pipeline.schedulerSource)
  }

  private init(
    _ reference: ModelReference, _ model: StableDiffusionXLModel, _ schedulerSource: SchedulerSource
  ) {
    (self.reference, self.model, self.schedulerSource) = (reference, model, schedulerSource)
  }

  /// The same refiner with the settings' device, threads and weights.
  func on(_ settings: RunSettings) throws -> Refiner {
    model.suits(settings)
      ? self : Refiner(reference, try model.on(settings, progress: nil), schedulerSource)
  }

  /// What the samples of a run are that it refines: the pictures are what its own autoencoder decodes.
  ///
  /// - Parameters:
  ///   - first: The model of the first stage.
  ///   - shape: The shape of a sample.
  /// - Throws: ``DiffusionError`` (`badData`) for latents of another kind.
  func format(after first: StableDiffusionXLModel) throws -> any SampleFormat {
    let (own, other) = (model.vae.config, first.vae.config)
    guard own.latentChannels == other.latentChannels, own.latentScale == other.latentScale else {
      throw DiffusionError(
        .badData,
        "\(reference.name): its latents have \(own.latentChannels) channels of \(own.latentScale) pixels, the model's "
          + "\(other.latentChannels) of \(other.latentScale): expected the same; do they belong together?"
      )
    }
    return RefinedSamples(first: first.format, last: model.format)
  }

  /// Its stage of a run, with its scheduler.
  func following(_ settings: RunSettings, shape: [Int]) throws -> FollowingStage {
    let conditioning = try model.conditioning(of: settings, fromPicture: true), refinement = settings.refinement
    var stage = RunStage(
      Self.stages.refiner, steps: settings.steps, model: model, sampleShape: shape
    ) { _ in conditioning }
    stage.continuesSample = true
    return FollowingStage(
      stage: stage,
      scheduler: try schedulerSource.scheduler(settings.scheduler, options: settings.schedulerOptions)
    ) { try refinement.first(of: $0) }
  }
}

/// Samples that one model encodes, and another decodes.
private struct RefinedSamples: SampleFormat {
  let first, last: any SampleFormat

  var isLatent: Bool { last.isLatent }
  var latents: LatentFormat? { last.latents }

  func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try last.images(of: sample, progress: progress)
  }

  func firstNonFiniteLayer(
    decoding sample: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? {
    try last.firstNonFiniteLayer(decoding: sample, progress: progress)
  }

  func encode(_ picture: SourcePicture, shape: [Int]) throws -> (_ noise: NoiseSource) throws ->
    Tensor<Float>
  {
    try first.encode(picture, shape: shape)
  }
}

extension DiffusionPipeline {
  /// The pipeline with a refiner for the last steps of runs whose settings name it.
  ///
  /// - Parameters:
  ///   - reference: Its name, as in ``RunSettings/refiner``.
  ///   - pipeline: The refiner.
  /// - Throws: ``DiffusionError`` (`badData`) for a pipeline of another kind.
  public func refined(by reference: ModelReference, _ pipeline: DiffusionPipeline) throws
    -> DiffusionPipeline
  {
    var refined = self
    refined.refiner = try Refiner(reference, pipeline)
    refined.warnings += pipeline.warnings
    return refined
  }

  /// The refiner that a run's settings name, with their device; nil where they name none.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) where it was not opened.
  func refiner(for settings: RunSettings) throws -> Refiner? {
    guard let reference = settings.refiner else { return nil }
    guard let refiner, refiner.reference == reference else {
      throw DiffusionError(.usage, "refiner is \(reference.name): this run was given no such model")
    }
    return try refiner.on(settings)
  }
}

extension ModelSource {
  /// The model with the refiner that a run's settings name: its files are among the model's, and it is opened with it.
  ///
  /// - Parameters:
  ///   - settings: The settings of the run.
  ///   - find: Locates a model.
  /// - Returns: The model itself where they name none.
  /// - Throws: What `find` throws.
  public func refined(
    for settings: RunSettings, find: (ModelReference) throws -> ModelSource
  ) rethrows -> ModelSource {
    guard let reference = settings.refiner else { return self }
    return refined(by: RefinerSource(name: reference.name, source: try find(reference)))
  }
}
