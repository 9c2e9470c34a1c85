import ArgumentParser
import DiffusionCore

/// The options of `generate`.
public struct GenerateOptions: ParsableArguments {
  @OptionGroup(title: "Run settings")
  var run: RunOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A list of generators, one image for each seed: 0,1,2. Not together with --seed.", valueName: "n,n,..."))
  var seeds: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Images in the batch. With --seed one generator draws for all of them; with --seeds it must be their number.",
      valueName: "n"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "Write the images: .png (a batch gives FILE-0.png, FILE-1.png, ...) or .npy (float32 NHWC in [0, 1], the whole batch).",
      valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write every step's tensors into a folder: sample_i.npy, model_output_i.npy, pred_original_sample_i.npy (float32 NCHW) and initial_noise.npy.",
      valueName: "dir"))
  var trace: String?

  @OptionGroup(title: "Exports")
  var exports: ExportOptions

  @Flag(
    help: ArgumentHelp(
      "Print one JSON object instead of a table. Numbers round-trip; NaN and infinities are the strings \"nan\", \"inf\" and \"-inf\"."
    ))
  var json = false

  /// Options as they stand when none is given.
  public init() {}
}

extension GenerateOptions {
  /// Reads everything that was asked for, before any work is done.
  ///
  /// - Parameters:
  ///   - drawSeed: Gives the seed of a run for which none was named.
  ///   - environment: Where `DIFFUSION_ISA` may say what `cpu` means.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not here;
  ///   `cannotCreate` for an output that could not be written.
  public func request(drawSeed: () -> Seed, environment: [String: String] = [:]) throws -> GenerateRequest {
    let seeds = try seedList(drawSeed: drawSeed)
    return GenerateRequest(
      model: run.model.reference,
      settings: try run.settings(
        seeds: seeds, batchSize: try checkedBatchSize(for: seeds), environment: environment),
      scheduler: try run.schedulerName(),
      destination: try output.map(ImageDestination.init(path:)),
      trace: try trace.map(TraceFolder.init(path:)),
      exports: try exports.request(besides: output.map { [("--output", $0)] } ?? []),
      format: json ? .json : .table)
  }

  private func seedList(drawSeed: () -> Seed) throws -> [Seed] {
    guard let seeds else { return [try run.seed.map(Seed.init(parsing:)) ?? drawSeed()] }
    guard run.seed == nil else {
      throw DiffusionError(
        .usage, "--seed and --seeds exclude each other: give --seed for one generator, --seeds for a list of them")
    }
    return try seeds.split(separator: ",", omittingEmptySubsequences: false).map { try Seed(parsing: String($0)) }
  }

  /// The batch size, which a list of generators must match (`diffusers.utils.torch_utils.randn_tensor`).
  private func checkedBatchSize(for list: [Seed]) throws -> Int {
    guard let batchSize else { return try checked(list.count) }
    guard seeds == nil || batchSize == list.count else {
      throw DiffusionError(
        .usage,
        "You have passed a list of generators of length \(list.count) (--seeds), but requested an effective batch size of "
          + "\(batchSize) (--batch-size). Make sure the batch size matches the length of the generators.")
    }
    return try checked(batchSize)
  }

  private func checked(_ batchSize: Int) throws -> Int {
    try OptionRange.check(batchSize, in: 1...OptionRange.maximumBatchSize, option: "--batch-size")
  }
}
