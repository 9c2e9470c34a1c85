import CommandLineKit
import DemoModel
import DiffusionCore

/// Opens models by reference.
enum ModelOpening {
  /// Locates a folder, a Hub id or the demo model.
  static func source(_ model: ModelReference, environment: [String: String]) throws -> ModelSource {
    try model.path.map { try ModelSource(resolving: $0, environment: environment) } ?? DemoModel.source
  }

  /// Opens a folder, a Hub id or the demo model.
  static func open(
    _ model: ModelReference, device: Device, threads: Int, weights: WeightPrecision = .float32,
    environment: [String: String]
  ) throws -> OpenedModel {
    let source = try source(model, environment: environment)
    return OpenedModel(
      source: source, pipeline: try DiffusionPipeline.load(source, device: device, threads: threads, weights: weights),
      engine: EngineReport(version: EngineVersion.current, device: device, threads: threads))
  }
}
