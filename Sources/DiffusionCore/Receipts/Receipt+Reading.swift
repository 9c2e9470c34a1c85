extension Receipt {
  /// Identifies a receipt and its format.
  private struct Heading: Decodable {
    let kind: String?
    let format: Int?
  }

  /// Reads a receipt.
  ///
  /// - Parameters:
  ///   - json: The file's bytes.
  ///   - source: The name of the file in error messages.
  /// - Throws: ``DiffusionError`` (`badData`), one line, if it is not a receipt, has a newer format, lacks a key, has
  ///   an unknown key, or a value that no run could have.
  public init(json: [UInt8], source: String) throws {
    try Self.checkHeading(json, source)
    let receipt = try JSONText.decode(Receipt.self, from: json, source: source)
    try receipt.refuseUnknownKeys(in: json, source)
    do {
      _ = try receipt.settings.runSettings.resolved()
    } catch let error as DiffusionError {
      throw DiffusionError(.badData, "\(source): settings: \(error.message)")
    }
    if let picture = receipt.settings.runSettings.initImage, receipt.picture == nil {
      throw DiffusionError(
        .badData, "\(source): picture is missing: expected the name and sha256 of init_image, \(picture.name)")
    }
    self = receipt
  }

  /// Reads the file of a receipt.
  ///
  /// - Throws: As ``init(json:source:)``, and ``DiffusionError`` (`missingInput` or `inputOutput`).
  public init(contentsOf path: String) throws {
    try self.init(json: FileAccess.read(path), source: path)
  }

  /// The receipt as bytes of a file.
  public func json() throws -> [UInt8] { try ReceiptJSON.text(self) }

  private static func checkHeading(_ json: [UInt8], _ source: String) throws {
    let expected = "expected a file that generate --receipt wrote"
    guard let heading = try? JSONText.decode(Heading.self, from: json, source: source) else {
      throw DiffusionError(
        .badData, "\(source): not a receipt: it is not a JSON object with a kind and a format; \(expected)")
    }
    guard heading.kind == kindName, let format = heading.format else {
      let found = heading.kind.map { "its kind is '\($0.prefix(40))'" } ?? "it has no kind"
      throw DiffusionError(.badData, "\(source): not a receipt: \(found); \(expected)")
    }
    guard format <= currentFormat else {
      throw DiffusionError(
        .badData,
        "\(source): a receipt of format \(format): this program reads up to \(currentFormat); use a newer one")
    }
    guard format == currentFormat else {
      throw DiffusionError(
        .badData, "\(source): a receipt of format \(format), which does not exist; expected \(currentFormat)")
    }
  }

  /// A run that uses an unknown key cannot be reproduced, so any key that this program does not write is an error.
  private func refuseUnknownKeys(in json: [UInt8], _ source: String) throws {
    let found = try JSONText.decode(KeyPaths.self, from: json, source: source).paths
    let known = try JSONText.decode(KeyPaths.self, from: self.json(), source: source).paths
    guard let unknown = found.subtracting(known).min() else { return }
    throw DiffusionError(
      .badData, "\(source): key \(unknown) is unknown: this program cannot reproduce it; use a newer one")
  }
}
