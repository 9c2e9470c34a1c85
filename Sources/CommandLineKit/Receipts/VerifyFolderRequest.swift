import DiffusionCore

/// A request of `verify` for a folder of receipts, read and checked.
public struct VerifyFolderRequest: Sendable {
  /// The folder.
  public let folder: String
  /// The part that this process takes.
  public let shard: SweepShard
  /// Where the models of the receipts are, and what repeats their runs.
  let places: ReceiptPlaces
  /// The format of the output.
  public let format: GenerateRequest.Format
}

extension VerifyOptions {
  /// Whether the receipts of a folder are asked for. The whole file system is no folder of receipts.
  public var namesFolder: Bool {
    FileAccess.kind(of: receipt) == .folder && SystemCall.absolutePath(receipt) != "/"
  }

  /// Reads and checks the request for a folder.
  ///
  /// - Parameter environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`, and a batch system says
  ///   which task this is.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not available.
  public func folderRequest(environment: [String: String] = [:]) throws -> VerifyFolderRequest {
    for (option, value) in [("--reference", reference), ("--image", image)] where value != nil {
      throw DiffusionError(.usage, "\(option): for one receipt alone, and \(receipt) is a folder: name a receipt of it")
    }
    return VerifyFolderRequest(
      folder: receipt, shard: try shard.map { try SweepShard($0, environment: environment) } ?? .whole,
      places: ReceiptPlaces(
        model: model, refiner: refiner, computer: try compute.settings(environment: environment)),
      format: json ? .json : .table)
  }
}

/// Where the models of receipts are on this machine, and what repeats their runs.
struct ReceiptPlaces: Sendable {
  /// The model named, and the refiner; nil for those of the receipts.
  let model: String?, refiner: String?
  /// The device and the threads to use now.
  let computer: RunSettings

  /// The run of a receipt, with its models where they are now. A refiner is named for the runs that have one.
  ///
  /// - Parameters:
  ///   - receipt: The receipt.
  ///   - folder: The folder that its models are looked for in first; nil for the working folder.
  func run(of receipt: Receipt, beside folder: String?) -> RunRequest {
    let folder = folder ?? ".", variant = receipt.model.variant
    var settings = receipt.settings.runSettings(device: computer.device, threads: computer.threads)
    settings.refiner = settings.refiner.map { own in
      refiner.map { ModelReference($0, variant: own.variant) } ?? own.relative(to: folder)
    }
    return RunRequest(
      model: model.map { ModelReference($0, variant: variant) }
        ?? ModelReference(receipt.model.id, variant: variant).relative(to: folder), settings: settings)
  }
}

/// The receipts in a folder and in those within it.
enum ReceiptFiles {
  private static let ending = ".json"

  /// The paths of all files that may be receipts, in order. Links to folders, which may lead in circles, are not
  /// followed.
  ///
  /// - Throws: What `check` throws, which is called for each folder.
  static func find(in folder: String, check: () throws -> Void) throws -> [String] {
    try check()
    return try FileAccess.names(in: folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      if name.hasSuffix(ending) { return FileAccess.kind(of: path) == .file ? [path] : [] }
      guard FileAccess.kind(of: path) == .folder, FileAccess.destination(ofLink: path) == nil else { return [] }
      return try find(in: path, check: check)
    }
  }
}
