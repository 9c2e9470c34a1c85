import DiffusionCore

/// A request of `generate`, read and checked.
public struct GenerateRequest: Sendable {
  /// The format of the output.
  public enum Format: Sendable { case table, json }

  /// How the progress of the steps is written.
  public enum Progress: String, Sendable, CaseIterable {
    /// A line that is rewritten in place, on a terminal.
    case line
    /// One JSON object on a line of its own after each step.
    case json
    /// Nothing.
    case none
  }

  /// The model.
  public let model: ModelReference
  /// The settings that determine the images.
  public let settings: RunSettings
  /// Whether the number of steps was given; otherwise it is that of the model's pipeline.
  public let statesSteps: Bool
  /// The destination of the images, if any.
  public let destination: ImageDestination?
  /// The destination of every step's tensors, if any.
  public let trace: TraceFolder?
  /// The files to write about the steps.
  public let exports: ExportRequest
  /// Whether the run is compared with less exact ones; no file is written then.
  public let reportsPrecision: Bool
  /// The format of the output.
  public let format: Format
  /// How the progress of the steps is written to standard error.
  public let progress: Progress

  /// The settings with the number of steps of a model's pipeline where none was given.
  ///
  /// - Throws: As ``SchedulerSource/usualSteps(_:)``.
  public func settings(for source: SchedulerSource) throws -> RunSettings {
    var settings = settings
    if !statesSteps { settings.steps = try source.usualSteps(settings.scheduler) }
    return settings
  }

  /// Whether files are written about the run.
  var writesFiles: Bool { destination != nil || trace != nil || exports.writesFiles }
}
