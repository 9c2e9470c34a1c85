/// The models of a pipeline that nobody asks for at the moment: they are there as long as a run uses one of them.
package struct RestingPipelineVariants {
  private let scheduler: DDIMScheduler
  private let models: [WeakModel]

  /// Lets go of a pipeline's models, but for those that runs hold.
  package init(_ variants: PipelineVariants) {
    scheduler = variants.current.scheduler
    models = variants.models.map(WeakModel.init)
  }

  /// Whether a run still uses one of the models.
  package var isInUse: Bool { models.contains { $0.unet != nil } }

  /// The pipeline with its models again; nil where none is in use any more.
  package func awakened() -> PipelineVariants? {
    let alive = models.compactMap(\.unet)
    return alive.first.map { PipelineVariants(DDIMPipeline(unet: $0, scheduler: scheduler), models: alive) }
  }
}
