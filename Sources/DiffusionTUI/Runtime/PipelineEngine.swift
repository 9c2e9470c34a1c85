import DiffusionCore

/// Makes runs of a pipeline that it opens when the first is asked for, and moves to other devices and numbers of threads
/// as the settings ask.
public struct PipelineEngine: DenoisingEngine {
  private let load: @Sendable () throws -> DDIMPipeline
  private var variants: PipelineVariants?

  /// Makes an engine.
  ///
  /// - Parameter load: Opens the pipeline; called again if it threw.
  public init(load: @escaping @Sendable () throws -> DDIMPipeline) {
    self.load = load
  }

  /// Makes a run, with the model on the settings' device and threads, and with their weights.
  public mutating func makeRun(_ settings: RunSettings) throws -> any SteppableRun {
    var variants = try self.variants ?? PipelineVariants(load())
    defer { self.variants = variants }
    return try variants.run(settings)
  }
}
