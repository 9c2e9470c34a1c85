import ArgumentParser
import DiffusionCore

/// The options of `verify`.
public struct VerifyOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A receipt written by --receipt, by x in the explorer or by sweep, or a folder of them; - is standard input."),
    completion: .file(extensions: ["json"]))
  var receipt: String

  @Argument(
    help: ArgumentHelp(
      "The model: a folder in Diffusers' layout, or a model of the Hub (owner/name[@revision]). "
        + "If omitted, the one that the receipt names."
    ), completion: .models)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The refiner of the receipt's run, a model likewise. If omitted, the one that the receipt names.",
      valueName: "model"),
    completion: .models)
  var refiner: String?

  @OptionGroup
  var compute: ComputeOptions

  @Option(
    help: ArgumentHelp(
      "The folder that generate --trace wrote in the receipt's run; it gives the exact size of a difference.",
      valueName: "dir"),
    completion: .directory)
  var reference: String?

  @Option(
    help: ArgumentHelp(
      "The picture that the receipt's run started from. If omitted, the file that the receipt names, from here or "
        + "beside the receipt.",
      valueName: "file"),
    completion: .pictures)
  var image: String?

  @Option(help: .shard(of: "the receipts of a folder"), completion: .list(["auto"]))
  var shard: String?

  @Flag(help: "Print one JSON object instead of lines.")
  var json = false

  /// Creates options with their defaults.
  public init() {}

  /// Reads and checks the request, including the receipt and the header of the reference, before any work is done.
  ///
  /// - Parameter environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not available;
  ///   `missingInput` or `badData` for the receipt and the reference.
  public func request(environment: [String: String] = [:]) throws -> VerifyRequest {
    guard shard == nil else {
      throw DiffusionError(.usage, "--shard: for a folder of receipts, and \(receipt) is one receipt: leave it out")
    }
    let computer = try compute.settings(environment: environment)
    let file = TextInput.name(of: self.receipt)
    let (receipt, warnings) = try Receipt.read(TextInput.read(self.receipt), source: file)
    try Self.checkSizes(receipt.settings.runSettings, file: file)
    let places = ReceiptPlaces(model: model, refiner: refiner, computer: computer)
    let run = places.run(of: receipt, beside: SweepFolder.modelFolder(ofReceipt: self.receipt))
    guard refiner == nil || run.settings.refiner != nil else {
      throw DiffusionError(.usage, "--refiner: the run of \(file) had no refiner: leave it out")
    }
    return VerifyRequest(
      file: file, receipt: receipt, warnings: warnings, model: run.model, namesModel: model != nil,
      namesRefiner: refiner != nil, picture: try picture(of: receipt), settings: run.settings,
      reference: try reference.map { try ReceiptTrace(folder: $0, of: receipt) }, format: json ? .json : .table)
  }

  /// The picture named, or the receipt's.
  private func picture(of receipt: Receipt) throws -> PictureReference? {
    guard let record = receipt.picture else {
      guard image == nil else {
        throw DiffusionError(
          .usage,
          "--image: the run of \(TextInput.name(of: self.receipt)) started from noise alone: leave the picture out")
      }
      return nil
    }
    return image.map { PictureReference($0) } ?? Self.picture(record, beside: self.receipt)
  }

  /// The picture of a receipt: as it is named there, else beside the receipt.
  static func picture(_ record: PictureRecord, beside receipt: String) -> PictureReference {
    let named = PictureReference(record.name)
    let beside = "\(FileAccess.parent(of: receipt))/\(named.shortName)"
    guard let path = named.path, FileAccess.kind(of: path) == nil, FileAccess.kind(of: beside) != nil else {
      return named
    }
    return PictureReference(beside)
  }

  /// Refuses sizes that `generate` would refuse too.
  private static func checkSizes(_ settings: RunSettings, file: String) throws {
    do {
      for setting in Setting.ofRunSettings { try setting.validate(RunRequest(settings: settings)) }
    } catch let error as DiffusionError {
      throw DiffusionError(.badData, "\(file): settings: \(error.message)")
    }
  }
}
