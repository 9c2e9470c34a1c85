/// The model of a receipt, by its files.
public struct ReceiptModel: Codable, Sendable, Equatable {
  /// One file of the model.
  public struct File: Codable, Sendable, Equatable {
    /// Its path relative to the model's folder: `unet/config.json`.
    public let name: String
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    public let sha256: String

    /// Creates a file from its name and digest.
    public init(name: String, sha256: String) {
      (self.name, self.sha256) = (name, sha256)
    }
  }

  /// The name that opens it: a folder, a model of the Hub with its commit, or the name of the built-in model.
  public let id: String
  /// Every file of the model: the index, the configurations, then the weights.
  public let files: [File]

  /// The kind of weights that its files have, `fp16`; nil for the usual one.
  public var variant: String? { files.lazy.compactMap { WeightFiles.variant(of: $0.name) }.first }

  /// Creates a model from its name and files.
  public init(id: String, files: [File]) {
    (self.id, self.files) = (id, files)
  }

  /// Creates a model by hashing every file of it.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - checkCancellation: Called every few megabytes; may throw to stop.
  /// - Throws: ``DiffusionError`` for a file that is missing or cannot be read, and what `checkCancellation` throws.
  public init(hashing source: ModelSource, checkCancellation: () throws -> Void = {}) throws {
    id = source.identity
    files = try Self.files(of: source, checkCancellation)
  }

  /// The files of a model, then those of its refiner in a folder of that name.
  private static func files(of source: ModelSource, _ checkCancellation: () throws -> Void) throws -> [File] {
    let files = try source.files()
    // The index comes first and lies in the model's own folder.
    let folder = files.first.map { FileAccess.parent(of: $0.path) + "/" } ?? ""
    let own = try files.map { file in
      let name = file.path.hasPrefix(folder) ? String(file.path.dropFirst(folder.count)) : file.path
      return File(name: name, sha256: try file.sha256(checkCancellation: checkCancellation))
    }
    return try own
      + source.refiners.flatMap { refiner in
        try Self.files(of: refiner.source, checkCancellation).map {
          File(name: "\(Setting.refiner.name)/\($0.name)", sha256: $0.sha256)
        }
      }
  }
}
