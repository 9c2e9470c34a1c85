/// Makes runs of one pipeline on several devices, numbers of threads and weight precisions, with one model for each.
///
/// Models are large, and runs share a forward pass only if they share the model's object
/// (``DenoisingRun/step(_:progress:)``). So a model is made once and kept while a run uses it; the last one is kept in
/// any case.
public struct PipelineVariants {
  /// The pipeline with the model that was last asked for.
  public private(set) var current: DiffusionPipeline
  private var variants: [WeakModel]

  /// Starts with a pipeline's own model.
  public init(_ pipeline: DiffusionPipeline) {
    self.init(pipeline, models: [pipeline.unet])
  }

  /// Goes on with models that runs still use, the pipeline's own among them.
  init(_ pipeline: DiffusionPipeline, models: [UNet2DModel]) {
    current = pipeline
    variants = models.map(WeakModel.init)
  }

  /// The models that are in use.
  var models: [UNet2DModel] { variants.compactMap(\.unet) }

  /// Starts a run with the model that its settings ask for.
  ///
  /// - Throws: As ``DiffusionPipeline/run(_:)``.
  public mutating func run(_ settings: RunSettings) throws -> DenoisingRun {
    let settings = try settings.resolved()
    let alive = models
    let unet = try alive.first { $0.suits(settings) } ?? current.unet.on(settings)
    current = current.with(unet)
    let kept = alive.contains { $0 === unet } ? alive : alive + [unet]
    variants = kept.map(WeakModel.init)
    return try current.run(settings)
  }
}

extension UNet2DModel {
  /// Whether it computes as settings ask.
  func suits(_ settings: RunSettings) -> Bool {
    device == settings.device && threads == settings.threads && weights == settings.weights
  }

  /// The same model as settings ask; itself if it is that already.
  func on(_ settings: RunSettings) throws -> UNet2DModel {
    try on(settings.device, threads: settings.threads, weights: settings.weights)
  }
}

/// The models of a pipeline that nobody asks for at the moment: they are there as long as a run uses one of them.
package struct RestingPipelineVariants {
  private let schedulerSource: SchedulerSource
  private let models: [WeakModel]

  /// Lets go of a pipeline's models, but for those that runs hold.
  package init(_ variants: PipelineVariants) {
    schedulerSource = variants.current.schedulerSource
    models = variants.models.map(WeakModel.init)
  }

  /// Whether a run still uses one of the models.
  package var isInUse: Bool { models.contains { $0.unet != nil } }

  /// The pipeline with its models again; nil where none is in use any more.
  package func awakened() -> PipelineVariants? {
    let alive = models.compactMap(\.unet)
    return alive.first.map { unet in
      PipelineVariants(DiffusionPipeline(unet: unet, schedulerSource: schedulerSource), models: alive)
    }
  }
}

/// A model that is kept by others.
private struct WeakModel {
  /// The model; nil once nobody keeps it.
  weak var unet: UNet2DModel?
}
