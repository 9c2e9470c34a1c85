/// The files of a tokenizer, found by name.
struct TokenizerFiles {
  /// The name of their folder in error messages.
  let folder: String
  /// Finds a file of the folder; nil if there is none of that name.
  let find: (String) throws -> ModelFile?

  /// The bytes of a file and its name in error messages; nil if there is none.
  ///
  /// - Throws: ``DiffusionError``: `badData` for more than `FileAccess.maximumText`, or what reading throws.
  func read(_ name: String) throws -> (bytes: [UInt8], path: String)? {
    guard let file = try find(name) else { return nil }
    let contents = try file.contents()
    guard contents.count <= FileAccess.maximumText else {
      throw FileAccess.tooLarge(file.path, contents.count)
    }
    return (contents.copy(0..<contents.count), file.path)
  }

  /// The JSON object in a file; nil if there is no such file.
  func object(_ name: String) throws -> ConfigurationReader? {
    try read(name).map { try ConfigurationReader(json: $0.bytes, file: $0.path) }
  }
}

/// The text of a token: two are the same if their bytes are. Swift's strings are also equal where one has é as a single
/// scalar and the other has it as e and an accent, which are two tokens.
struct TokenText: Hashable, Sendable {
  /// The text itself.
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

/// The tokens and the merges of byte-pair encoding: `tokenizer.json`, or else `vocab.json` and `merges.txt`.
struct TokenizerVocabulary {
  /// The number of each token.
  let ids: [TokenText: Int32]
  /// The pairs that are merged, lowest rank first.
  let merges: [(left: String, right: String)]
  /// The files that they are from, in error messages.
  let file, mergesFile: String
  /// `tokenizer.json`; nil if there is none.
  let serialized: ConfigurationReader?
  /// A line for each key of their JSON that occurs again.
  let warnings: [String]

  /// More than in any vocabulary, and far below where the numbers of added tokens could overflow.
  private static let largestID: Int32 = 1 << 30

  /// Reads the vocabulary.
  ///
  /// - Throws: ``DiffusionError`` that names the file: `missingInput` if there is none, `badData` if it is damaged.
  init(_ files: TokenizerFiles) throws {
    if let reader = try files.object("tokenizer.json") {
      (serialized, file, mergesFile, warnings) = (reader, reader.file, reader.file, reader.warnings)
      let model = try reader.table("model")
      if case .text(let type)? = model.value("type"), type != "BPE" {
        throw model.error("type", SettingValue.text(type), expected: "'BPE'")
      }
      ids = try Self.ids(model.table("vocab").values, file: reader.file)
      merges = try Self.merges(model.value("merges") ?? .list([]), file: reader.file)
    } else {
      guard let reader = try files.object("vocab.json") else {
        throw DiffusionError(
          .missingInput,
          "\(files.folder)/vocab.json: missing, and so is \(files.folder)/tokenizer.json; the model is incomplete"
        )
      }
      guard let (bytes, path) = try files.read("merges.txt") else {
        throw DiffusionError(
          .missingInput, "\(files.folder)/merges.txt: missing, but \(reader.file) needs it")
      }
      (serialized, file, mergesFile, warnings) = (nil, reader.file, path, reader.warnings)
      ids = try Self.ids(reader.values, file: reader.file)
      merges = try Self.merges(bytes, file: path)
    }
  }

  /// Checks that every token has a number of its own.
  private static func ids(_ values: [String: SettingValue], file: String) throws -> [TokenText: Int32] {
    guard !values.isEmpty else {
      throw DiffusionError(
        .badData, "\(file): the vocabulary is empty: expected tokens and their numbers")
    }
    var tokens: [Int32: String] = [:]
    tokens.reserveCapacity(values.count)
    // In an order that does not change, so that of several faults the same one is named each time.
    return try Dictionary(
      uniqueKeysWithValues: values.sorted { $0.key < $1.key }.map { token, value in
        guard case .integer(let number) = value, let id = Int32(exactly: number),
          (0...largestID).contains(id)
        else {
          throw DiffusionError(
            .badData,
            "\(file): token \(SettingValue.text(token)) is \(value): expected a whole number from 0 to \(largestID)"
          )
        }
        if let other = tokens.updateValue(token, forKey: id) {
          throw DiffusionError(
            .badData,
            "\(file): tokens \(SettingValue.text(other)) and \(SettingValue.text(token)) are both number \(id): "
              + "expected one token a number")
        }
        return (TokenText(token), id)
      })
  }

  /// Reads the merges of `tokenizer.json`: texts with a space between the tokens, or lists of two.
  private static func merges(_ value: SettingValue, file: String) throws -> [(String, String)] {
    guard case .list(let elements) = value else {
      throw DiffusionError(.badData, "\(file): merges is \(value): expected a list")
    }
    return try elements.enumerated().map { index, element in
      switch element {
      case .list(let pair) where pair.count == 2:
        if case .text(let left) = pair[0], case .text(let right) = pair[1] { return (left, right) }
      case .text(let line):
        if let pair = pair(line) { return pair }
      default: break
      }
      throw DiffusionError(.badData, "\(file): merges[\(index)] is \(element): expected two tokens")
    }
  }

  /// Reads `merges.txt`: two tokens a line, with a space between them.
  private static func merges(_ bytes: [UInt8], file: String) throws -> [(String, String)] {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return try lines.enumerated().compactMap { index, line in
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard !line.starts(with: "#version".utf8) else { return nil }
      if let text = String(validating: line, as: UTF8.self), let pair = pair(text) { return pair }
      let found = SettingValue.text(String(decoding: line, as: UTF8.self))
      throw DiffusionError(
        .badData,
        "\(file): line \(index + 1): expected two tokens with a space between them, found \(found)")
    }
  }

  private static func pair(_ line: String) -> (String, String)? {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
  }
}
