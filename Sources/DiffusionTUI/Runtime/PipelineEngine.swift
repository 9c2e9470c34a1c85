import DiffusionCore

/// Makes runs of a pipeline that it opens when the first is asked for, and moves to other devices and numbers of threads
/// as the settings ask.
public struct PipelineEngine: DenoisingEngine {
  private let load: @Sendable () throws -> DDIMPipeline
  private var pipeline: DDIMPipeline?

  /// Makes an engine.
  ///
  /// - Parameter load: Opens the pipeline; called again if it threw.
  public init(load: @escaping @Sendable () throws -> DDIMPipeline) {
    self.load = load
  }

  /// Makes a run, with the model on the settings' device and threads.
  public mutating func makeRun(_ settings: RunSettings) throws -> any SteppableRun {
    var current = try pipeline ?? load()
    if current.unet.device != settings.device || current.unet.threads != settings.threads {
      current = DDIMPipeline(
        unet: try current.unet.on(settings.device, threads: settings.threads), scheduler: current.scheduler)
    }
    pipeline = current
    return try current.run(settings)
  }
}
