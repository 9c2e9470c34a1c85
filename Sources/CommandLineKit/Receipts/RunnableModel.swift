import DiffusionCore

/// A model that has been opened: its scheduler, and how a run of it starts.
public struct RunnableModel {
  let scheduler: ReceiptScheduler
  let start: (RunSettings) throws -> any SteppableRun

  /// Describes a model by what a receipt says of its scheduler, and by a function that starts a run.
  package init(scheduler: ReceiptScheduler, start: @escaping (RunSettings) throws -> any SteppableRun) {
    (self.scheduler, self.start) = (scheduler, start)
  }

  /// A pipeline.
  public init(_ pipeline: DDIMPipeline) {
    self.init(scheduler: ReceiptScheduler(pipeline.scheduler)) { try pipeline.run($0) }
  }
}

extension ReceiptScheduler {
  /// What a receipt says of a scheduler.
  init(_ scheduler: DDIMScheduler) { self.init(name: SchedulerName.ddim.rawValue, config: scheduler.config) }
}

extension ReceiptHeading {
  /// What a receipt of this program says of a model before anything has run. Every file of the model is read.
  ///
  /// - Parameter checkCancellation: Asked every few megabytes; throws to stop there.
  /// - Throws: ``DiffusionError`` for a file that is missing or cannot be read, and what `checkCancellation` throws.
  public init(_ source: ModelSource, checkCancellation: () throws -> Void = {}) throws {
    self.init(
      model: try ReceiptModel(hashing: source, checkCancellation: checkCancellation),
      scheduler: ReceiptScheduler(try DDIMScheduler(source)), programVersion: ProgramVersion.current)
  }
}
