import ArgumentParser
import DiffusionCore

/// The options of `generate`.
public struct GenerateOptions: ParsableArguments {
  @OptionGroup(title: "Run settings")
  var run: RunOptions

  @Option(setting: "seeds") var seeds: String?
  @Option(setting: "batch_size") var batchSize: String?

  @Option(
    help: ArgumentHelp(
      """
      Write the images: .png (a batch gives FILE-0.png, FILE-1.png, ...) or .npy (float32 NHWC in [0, 1], the \
      whole batch).
      """,
      valueName: "file"),
    completion: .file(extensions: ["png", "npy"]))
  var output: String?

  @Option(
    help: ArgumentHelp(
      """
      Write every step's tensors into a folder: sample_i.npy, model_output_i.npy, pred_original_sample_i.npy \
      (float32 NCHW) and initial_noise.npy.
      """,
      valueName: "dir"),
    completion: .directory)
  var trace: String?

  @OptionGroup(title: "Exports")
  var exports: ExportOptions

  @Flag(
    help: ArgumentHelp(
      """
      Show where precision goes: take every step with float32 weights, and again with bfloat16 and float16 weights \
      and with sums in another order (cpu:reassociated), and print how far each is from the first. It writes no files.
      """
    ))
  var precisionReport = false

  @Flag(
    help: ArgumentHelp(
      """
      Print one JSON object instead of a table. Numbers round-trip; NaN and infinities are the strings \"nan\", \
      \"inf\" and \"-inf\".
      """
    ))
  var json = false

  @Option(
    help: ArgumentHelp(
      """
      How the progress of the steps goes to standard error: line (rewritten in place, on a terminal only), json (one \
      object on a line after each step) or none.
      """,
      valueName: "kind"),
    completion: .cases(of: GenerateRequest.Progress.self))
  var progress: String = GenerateRequest.Progress.line.rawValue

  /// Creates options with their defaults.
  public init() {}
}

extension GenerateOptions {
  /// Reads and checks the request, before any work is done.
  ///
  /// - Parameters:
  ///   - drawSeed: Draws the seed of a run without one.
  ///   - environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not available;
  ///   `cannotCreate` for an output that cannot be written.
  public func request(drawSeed: () -> Seed, environment: [String: String] = [:]) throws -> GenerateRequest {
    try RunOptions.refuse(seed: run.seed, besides: seeds)
    guard let progress = GenerateRequest.Progress(rawValue: progress) else {
      let known = GenerateRequest.Progress.allCases.map(\.rawValue)
      throw DiffusionError(
        .usage,
        "--progress: '\(progress)' is unknown: \(NearestName.question(progress, among: known))"
          + "expected one of \(known.joined(separator: ", "))")
    }
    let request = try run.request(
      drawSeed: drawSeed, and: RunOptions.texts(["seeds": seeds, "batch_size": batchSize]), environment: environment)
    if seeds != nil {
      // As in Diffusers' pipelines, even if the list has only one generator.
      try RunSettings.requireGenerators(request.settings.seeds.count, forBatch: request.settings.batchSize)
    }
    let exports = try exports.request(besides: output.map { [("--output", $0)] } ?? [])
    try refuseFiles(of: exports)
    return GenerateRequest(
      model: request.model,
      settings: request.settings, statesSteps: run.steps != nil,
      destination: try output.map(ImageDestination.init(path:)),
      trace: try trace.map(TraceFolder.init(path:)),
      exports: exports, reportsPrecision: precisionReport,
      format: json ? .json : .table, progress: progress)
  }

  /// Refuses files besides a precision report.
  private func refuseFiles(of exports: ExportRequest) throws {
    guard precisionReport, output != nil || trace != nil || exports.writesFiles else { return }
    throw DiffusionError(
      .usage,
      "--precision-report: a precision report writes no files: leave out --output, --trace and the exports, or run "
        + "again without --precision-report")
  }
}
