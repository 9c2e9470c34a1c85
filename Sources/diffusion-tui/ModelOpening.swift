import CommandLineKit
import DemoModel
import DiffusionCore

/// Opens the model that MODEL names.
enum ModelOpening {
  /// Finds a folder or a Hub id, or the demo model for nil.
  static func source(_ name: String?, environment: [String: String]) throws -> ModelSource {
    try name.map { try ModelSource(resolving: $0, environment: environment) } ?? DemoModel.source
  }

  /// Opens a folder or a Hub id, or the demo model for nil.
  static func open(
    _ name: String?, device: Device, threads: Int, weights: WeightPrecision = .float32, environment: [String: String]
  ) throws -> OpenedModel {
    let source = try source(name, environment: environment)
    return OpenedModel(
      source: source, pipeline: try DDIMPipeline.load(source, device: device, threads: threads, weights: weights),
      engine: EngineReport(version: EngineVersion.current, isa: device.instructionSet, threads: threads))
  }
}
