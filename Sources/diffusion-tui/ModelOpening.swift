import CommandLineKit
import DemoModel
import DiffusionCore

/// Opens models by reference.
enum ModelOpening {
  /// Locates a folder, a Hub id or the demo model.
  static func source(_ model: ModelReference, environment: [String: String]) throws -> ModelSource {
    try model.path.map { try ModelSource(resolving: $0, environment: environment) }
      ?? DemoModel.source(named: model.name)
  }

  /// Reads a picture, a file or the demo model's own.
  @Sendable
  static func picture(_ reference: PictureReference) throws -> SourcePicture {
    try PictureFiles(demo: DemoModel.picture).open(reference)
  }

  /// Opens a folder, a Hub id or the demo model.
  ///
  /// - Parameter progress: The line that shows what is done.
  static func open(
    _ model: ModelReference, device: Device, threads: Int, weights: WeightPrecision = .float32,
    environment: [String: String], progress: ProgressLine = ProgressLine(on: .standardError),
    checkCancellation: () throws -> Void = {}
  ) throws -> OpenedModel {
    let source = try source(model, environment: environment)
    let pipeline = try load(
      source, device: device, threads: threads, weights: weights, progress: progress,
      checkCancellation: checkCancellation)
    DescriptorStream.standardError.warn(pipeline.warnings)
    return OpenedModel(source: source, pipeline: pipeline)
  }

  /// Opens a model, and shows on a line what is done.
  static func load(
    _ source: ModelSource, device: Device, threads: Int, weights: WeightPrecision, progress: ProgressLine,
    checkCancellation: () throws -> Void
  ) throws -> DiffusionPipeline {
    defer { progress.clear() }
    return try withoutActuallyEscaping(checkCancellation) { check in
      try DiffusionPipeline.load(source, device: device, threads: threads, weights: weights) { opening in
        try check()
        progress.show(opening)
      }
    }
  }
}
