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
    self = try Self.read(json, source: source).receipt
  }

  /// Reads a receipt, and a line for each of its keys that occurs again.
  ///
  /// - Throws: As ``init(json:source:)``.
  package static func read(_ json: [UInt8], source: String) throws -> (receipt: Receipt, warnings: [String]) {
    let document = try parse(json, source)
    try checkHeading(document.value, source)
    let receipt = try JSONText.decode(Receipt.self, from: document.value, source: source)
    try receipt.refuseUnknownKeys(in: document.value, source)
    do {
      _ = try receipt.settings.runSettings.resolved()
    } catch let error as DiffusionError {
      throw DiffusionError(.badData, "\(source): settings: \(error.message)")
    }
    if let picture = receipt.settings.runSettings.initImage, receipt.picture == nil {
      throw DiffusionError(
        .badData, "\(source): picture is missing: expected the name and sha256 of init_image, \(picture.name)")
    }
    return (receipt, document.warnings)
  }

  /// Whether a JSON text says that it is a receipt; a file of another kind does not.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if it is not valid JSON.
  package static func isKindOfReceipt(_ json: [UInt8], source: String) throws -> Bool {
    guard case .table(let entries) = try JSONText.parse(json, source: source).value else { return false }
    return entries["kind"] == .text(kindName)
  }

  /// Reads the file of a receipt.
  ///
  /// - Throws: As ``init(json:source:)``, and ``DiffusionError`` (`missingInput` or `inputOutput`).
  public init(contentsOf path: String) throws {
    try self.init(json: FileAccess.read(path), source: path)
  }

  /// The receipt as bytes of a file.
  public func json() throws -> [UInt8] { try ReceiptJSON.text(self) }

  private static let expected = "expected a file that generate --receipt wrote"

  private static func parse(_ json: [UInt8], _ source: String) throws -> JSONText.Document {
    do {
      return try JSONText.parse(json, source: source)
    } catch let error as DiffusionError {
      throw DiffusionError(error.kind, "\(source): not a receipt\(error.message.dropFirst(source.count)); \(expected)")
    }
  }

  private static func checkHeading(_ value: SettingValue, _ source: String) throws {
    guard let heading = try? JSONText.decode(Heading.self, from: value, source: source) else {
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
  private func refuseUnknownKeys(in value: SettingValue, _ source: String) throws {
    let known = try JSONText.parse(json(), source: source).value.keyPaths
    guard let unknown = value.keyPaths.subtracting(known).min() else { return }
    throw DiffusionError(
      .badData, "\(source): key \(unknown) is unknown: this program cannot reproduce it; use a newer one")
  }
}

extension SettingValue {
  /// The keys of all tables in it, with the keys of the tables around them: `settings.seeds`.
  fileprivate var keyPaths: Set<String> {
    switch self {
    case .table(let values):
      values.reduce(into: []) { paths, entry in
        paths.insert(entry.key)
        paths.formUnion(entry.value.keyPaths.map { "\(entry.key).\($0)" })
      }
    case .list(let values): values.reduce(into: []) { $0.formUnion($1.keyPaths) }
    case .null, .bool, .integer, .number, .text: []
    }
  }
}

extension Receipt {
  /// Whether its images have a NaN or an infinity.
  package var isNonFinite: Bool { !result.images.absoluteSum.isFinite }
}
