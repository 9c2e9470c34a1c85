/// The model that a receipt is about, by its files.
public struct ReceiptModel: Codable, Sendable, Equatable {
  /// One file of the model.
  public struct File: Codable, Sendable, Equatable {
    /// Its path below the model's folder: `unet/config.json`.
    public let name: String
    /// The SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    public let sha256: String

    /// Names a file and its digest.
    public init(name: String, sha256: String) {
      (self.name, self.sha256) = (name, sha256)
    }
  }

  /// What people call it: a folder, a Hub id, or the name of the program's own model.
  public let id: String
  /// Every file it is made of: the index, the configurations, then the weights.
  public let files: [File]

  /// Names a model and its files.
  public init(id: String, files: [File]) {
    (self.id, self.files) = (id, files)
  }

  /// Reads every byte of a model's files.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - checkCancellation: Asked every few megabytes; throws to stop there.
  /// - Throws: ``DiffusionError`` for a file that is missing or cannot be read, and what `checkCancellation` throws.
  public init(hashing source: ModelSource, checkCancellation: () throws -> Void = {}) throws {
    let files = try source.files()
    // The index comes first and lies in the model's own folder.
    let folder = files.first.map { FileAccess.parent(of: $0.path) + "/" } ?? ""
    id = source.name
    self.files = try files.map { file in
      let name = file.path.hasPrefix(folder) ? String(file.path.dropFirst(folder.count)) : file.path
      return File(name: name, sha256: try file.sha256(checkCancellation: checkCancellation))
    }
  }
}
