import DiffusionCore

/// A request of `generate`, read and checked.
public struct GenerateRequest: Sendable {
  /// The format of the output.
  public enum Format: Sendable { case table, json }

  /// The model.
  public let model: ModelReference
  /// The settings that determine the images.
  public let settings: RunSettings
  /// The destination of the images, if any.
  public let destination: ImageDestination?
  /// The destination of every step's tensors, if any.
  public let trace: TraceFolder?
  /// The files to write about the steps.
  public let exports: ExportRequest
  /// The format of the output.
  public let format: Format
}
