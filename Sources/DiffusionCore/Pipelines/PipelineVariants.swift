/// Creates runs of one pipeline on several devices, numbers of threads and weight precisions, with one model for each.
///
/// Models are large, and runs share a forward pass only if they share the model object
/// (``DenoisingRun/step(_:progress:)``). So each model is created once and kept while a run uses it; the last one is
/// always kept.
public struct PipelineVariants {
  /// The pipeline with the model that was requested last.
  public private(set) var current: DiffusionPipeline
  private var variants: [WeakModel]

  /// Creates the variants of a pipeline, beginning with its own model.
  public init(_ pipeline: DiffusionPipeline) {
    self.init(pipeline, models: [pipeline.model])
  }

  /// Creates the variants from models that runs still use, the pipeline's own among them.
  init(_ pipeline: DiffusionPipeline, models: [any PipelineModel]) {
    current = pipeline
    variants = models.map(WeakModel.init)
  }

  /// The models in use.
  var models: [any PipelineModel] { variants.compactMap(\.model) }

  /// Creates a run with the model that its settings ask for.
  ///
  /// - Parameters:
  ///   - settings: The settings of the run.
  ///   - start: What it starts from.
  ///   - progress: Called before each tensor is read, if the model has to be created; may throw to stop.
  /// - Throws: As ``DiffusionPipeline/run(_:from:)``, and what `progress` throws.
  public mutating func run(
    _ settings: RunSettings, from start: RunStart = .noise, progress: OpeningProgressHandler? = nil
  ) throws -> DenoisingRun {
    try run(settings, from: start, memory: .everyStep, progress: progress)
  }

  /// The tensors that a new run must find memory for.
  enum MemoryCheck {
    /// None: its caller has seen to it.
    case none
    /// Those of one step.
    case oneStep
    /// Those of every step, which its caller may keep.
    case everyStep
  }

  /// Creates a run that finds memory for some of its tensors.
  mutating func run(
    _ settings: RunSettings, from start: RunStart, memory: MemoryCheck, progress: OpeningProgressHandler? = nil
  ) throws -> DenoisingRun {
    let settings = try current.model.accepted(settings.resolved())
    if memory != .none { try current.requireMemory(settings, keptSteps: 0) }
    var kept = models
    func model(_ settings: RunSettings) throws -> any PipelineModel {
      if let found = kept.first(where: { $0.suits(settings) }) { return found }
      let other = try current.model.on(settings, progress: progress)
      kept.append(other)
      return other
    }
    current = current.with(try model(settings))
    current.refiner = try current.refiner(for: settings) ?? current.refiner
    var run = try current.start(settings, noise: NoiseSource(settings), from: start)
    for (branch, part) in zip(settings.branches, try settings.parts().dropFirst()) {
      try current.model.check(branch, in: run.stages)
      let own = try current.model.accepted(part.settings)
      run = try run.branched(at: branch.step, current.continuation(of: own, on: model(own), from: start))
    }
    // Only the schedule says how many steps there are: a picture takes fewer, a branch may add some.
    if memory == .everyStep { try current.requireMemory(settings, keptSteps: run.schedule.count) }
    variants = kept.map(WeakModel.init)
    return run
  }
}

/// The models of a pipeline that is not current: each lives as long as a run uses it.
package struct InactivePipelineVariants {
  /// Makes the pipeline with a model, without keeping one alive.
  private let pipeline: (any PipelineModel) -> DiffusionPipeline
  private let models: [WeakModel]

  /// Releases a pipeline's models, except those that runs hold.
  package init(_ variants: PipelineVariants) {
    pipeline = variants.current.maker()
    models = variants.models.map(WeakModel.init)
  }

  /// Whether a run still uses one of the models.
  package var isInUse: Bool { models.contains { $0.model != nil } }

  /// The pipeline with its models; nil if none is still in use.
  package func restored() -> PipelineVariants? {
    let alive = models.compactMap(\.model)
    return alive.first.map { PipelineVariants(pipeline($0), models: alive) }
  }
}

/// A weak reference to a model.
private struct WeakModel {
  /// The model; nil once it has been released.
  weak var model: (any PipelineModel)?
}
