import DiffusionCore

/// What `generate` was asked for, read and checked.
public struct GenerateRequest: Sendable {
  /// How the result is printed.
  public enum Format: Sendable { case table, json }

  /// The model.
  public let model: ModelReference
  /// Everything that decides the images.
  public let settings: RunSettings
  /// The scheduler.
  public let scheduler: SchedulerName
  /// Where the images go, if anywhere.
  public let destination: ImageDestination?
  /// Where every step's tensors go, if anywhere.
  public let trace: TraceFolder?
  /// What is written about the steps.
  public let exports: ExportRequest
  /// How the result is printed.
  public let format: Format
}
