import CommandLineKit
import DemoModel
import DiffusionCore

/// Opens models by reference.
enum ModelOpening {
  /// Locates a folder, a model of the Hub or a demo model. What the Hub's cache lacks is downloaded.
  ///
  /// - Parameter show: Shows how far a download is; may throw to stop it.
  static func source(
    _ model: ModelReference, environment: [String: String], show: @escaping HubProgressHandler
  ) throws -> ModelSource {
    guard let path = model.path else { return DemoModel.source(named: model.name) }
    return try Hub(environment: environment).source(path, variant: model.variant, progress: show)
  }

  /// Locates a model, and shows a download on a line of standard error. Ctrl-C stops it.
  static func source(
    _ model: ModelReference, environment: [String: String], format: GenerateRequest.Progress = .line
  ) throws -> ModelSource {
    let line = DownloadLine(on: .standardError, format: format)
    defer { line.clear() }
    return try Interruption.during { check in
      try source(model, environment: environment) { progress in
        try check()
        line.show(progress)
      }
    }
  }

  /// Locates models for the explorer.
  static func source(in environment: [String: String]) -> ExplorerLauncher.Source {
    { model, show in
      guard let show else { return try source(model, environment: environment) }
      return try source(model, environment: environment, show: show)
    }
  }

  /// Reads a picture, a file or the demo model's own.
  @Sendable
  static func picture(_ reference: PictureReference) throws -> SourcePicture {
    try PictureFiles(demo: DemoModel.picture).open(reference)
  }

  /// Opens a folder, a model of the Hub or a demo model.
  ///
  /// - Parameters:
  ///   - progress: The line that shows what is done.
  ///   - format: How the progress of a download is shown.
  static func open(
    _ run: RunRequest, environment: [String: String], progress: ProgressLine = ProgressLine(on: .standardError),
    format: GenerateRequest.Progress = .line, checkCancellation: () throws -> Void = {}
  ) throws -> OpenedModel {
    let source = try source(of: run, environment: environment, format: format), settings = run.settings
    let pipeline = try load(
      source, device: settings.device, threads: settings.threads, weights: settings.weights, progress: progress,
      checkCancellation: checkCancellation)
    DescriptorStream.standardError.warn(pipeline.warnings)
    return OpenedModel(source: source, pipeline: pipeline)
  }

  /// Locates the model of a run, with its refiner.
  ///
  /// - Parameter folder: The folder that both are looked for in first.
  static func source(
    of run: RunRequest, beside folder: String = ".", environment: [String: String],
    format: GenerateRequest.Progress = .line
  ) throws -> ModelSource {
    func found(_ model: ModelReference) throws -> ModelSource {
      try source(model.relative(to: folder), environment: environment, format: format)
    }
    return try found(run.model).refined(for: run.settings, find: found)
  }

  /// Opens the model of a run with the digest of each of its files, for many runs of it.
  ///
  /// - Parameter folder: The folder that it is looked for in first. Its record has the name that the run gives it, the
  ///   same from every working folder.
  static func batchModel(
    _ run: RunRequest, beside folder: String = ".", environment: [String: String], format: GenerateRequest.Progress,
    checkCancellation: () throws -> Void
  ) throws -> BatchModel {
    let source = try source(of: run, beside: folder, environment: environment, format: format),
      settings = run.settings
    let pipeline = try load(
      source, device: settings.device, threads: settings.threads, weights: settings.weights,
      progress: ProgressLine(on: .standardError, format: format), checkCancellation: checkCancellation)
    let record = try ReceiptModel(hashing: source, checkCancellation: checkCancellation)
    let isAsGiven = source.identity == run.model.relative(to: folder).name
    return BatchModel(
      pipeline: pipeline, record: isAsGiven ? ReceiptModel(id: run.model.name, files: record.files) : record)
  }

  /// The digest of each file of the model of a run; nil where the model is not on this machine.
  static func digests(
    of run: RunRequest, beside folder: String, environment: [String: String], checkCancellation: () throws -> Void
  ) throws -> ReceiptModel? {
    let offline = environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 }
    do {
      return try ReceiptModel(
        hashing: source(of: run, beside: folder, environment: offline), checkCancellation: checkCancellation)
    } catch let error as DiffusionError where error.kind == .missingInput {
      return nil
    }
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
