/// CLIP's tokenizer: byte-pair encoding of words in lower case (`CLIPTokenizer` of transformers 5.24).
///
/// Any text has tokens, in a time that grows about as its length.
public struct CLIPTokenizer: Sendable {
  /// The number of tokens of a prompt, padding included.
  public let length: Int
  private let encoding: BytePairEncoding
  private let added: AddedVocabulary
  private let texts: [Int32: String]
  /// The added tokens, whose text is as it is written.
  private let literal: Set<Int32>
  private let start, end, padding: Int32
  /// The file of its vocabulary, in errors.
  private let file: String
  /// A line for each key that occurs again in its vocabulary; other files of JSON are looked at with the model's.
  let warnings: [String]

  /// Reads a tokenizer's files: `tokenizer.json`, or else `vocab.json` and `merges.txt`; and, if they are there,
  /// `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json`, with transformers' precedence.
  ///
  /// - Parameters:
  ///   - folder: The name of their folder in error messages.
  ///   - maximumLength: The number of tokens that the text encoder takes (`max_position_embeddings`). A prompt has as
  ///     many, or `model_max_length` if that is less.
  ///   - file: Finds a file of the folder by its name; nil if there is none.
  /// - Throws: ``DiffusionError`` that names the file: `missingInput` if it is missing, `badData` if it is damaged or
  ///   asks for what is not supported; what `file` throws.
  public init(folder: String, maximumLength: Int, file: @escaping (String) throws -> ModelFile?)
    throws
  {
    let files = TokenizerFiles(folder: folder, find: file)
    let vocabulary = try TokenizerVocabulary(files)
    let config =
      try files.object("tokenizer_config.json")
      ?? ConfigurationReader(file: "\(folder)/tokenizer_config.json", values: [:])
    let tokens = try AddedTokens(config, files, serialized: vocabulary.serialized)
    try Self.requireRight("padding_side", config, vocabulary.serialized?.value("padding"))
    try Self.requireRight("truncation_side", config, vocabulary.serialized?.value("truncation"))
    (self.file, warnings) = (vocabulary.file, vocabulary.warnings)
    length = try Self.length(config, maximum: maximumLength)
    encoding = try BytePairEncoding(vocabulary, unknown: tokens.unknown?.content)
    added = AddedVocabulary(
      tokens.all, vocabulary: vocabulary.ids,
      splitsSpecial: try config.bool("split_special_tokens", default: false))
    let ids = added.ids.merging(vocabulary.ids) { added, _ in added }
    func id(_ role: String) throws -> Int32 {
      let token = try tokens.required(role).content
      if let id = ids[token], vocabulary.ids[token] != nil || tokens.numbered.contains(token) {
        return id
      }
      throw DiffusionError(
        .badData,
        "\(vocabulary.file): \(role) \(SettingValue.text(token.text)) is not in the vocabulary; "
          + "do the tokenizer's files belong together?")
    }
    (start, end, padding) = (try id("bos_token"), try id("eos_token"), try id("pad_token"))
    literal = Set(added.ids.values)
    texts = Dictionary(ids.map { ($0.value, $0.key.text) }) { max($0, $1) }
  }

  /// Reads the files of a folder on disk; see ``init(folder:maximumLength:file:)``.
  ///
  /// - Parameters:
  ///   - folder: The path of the folder.
  ///   - maximumLength: The number of tokens that the text encoder takes.
  /// - Throws: As that initialiser.
  public init(opening folder: String, maximumLength: Int) throws {
    try self.init(folder: folder, maximumLength: maximumLength) { name in
      let path = "\(folder)/\(name)"
      return FileAccess.kind(of: path) == nil ? nil : ModelFile(path: path)
    }
  }

  /// The number of tokens of a prompt. A value beyond what the encoder takes, such as the 1e30 of tokenizers that know
  /// no limit, is what it takes.
  private static func length(_ config: ConfigurationReader, maximum: Int) throws -> Int {
    guard maximum >= 2 else {
      throw DiffusionError(
        .badData,
        "\(config.file): the text encoder takes \(maximum) tokens: expected at least 2, for start and end"
      )
    }
    let key = config.value("model_max_length") == nil ? "max_len" : "model_max_length"
    guard let value = config.value(key), value != .null else { return maximum }
    let expected = "a whole number, at least 2"
    switch value {
    case .integer(let number) where number > maximum: return maximum
    case .number(let number) where number > Double(maximum): return maximum
    default: break
    }
    let length = try config.int(key, value, expected: expected)
    guard length >= 2 else {
      throw config.error(key, value, expected: "\(expected), for the start and the end")
    }
    return length
  }

  /// Refuses tokenizers that pad or cut prompts on the left.
  private static func requireRight(
    _ key: String, _ config: ConfigurationReader, _ serialized: SettingValue?
  ) throws {
    var value = config.value(key)
    if value == nil, case .table(let options)? = serialized { value = options["direction"] }
    guard let value else { return }
    guard case .text(let side) = value, side.lowercased() == "right" else {
      throw DiffusionError(
        .badData, "\(config.file): \(key) \(value) is not supported: expected 'right'")
    }
  }
}

extension CLIPTokenizer {
  /// Cuts a prompt into tokens, between a start and an end, padded or cut off to ``length``.
  public func callAsFunction(_ prompt: String) -> TokenizedPrompt {
    let tokens = tokens(of: prompt)
    let kept = tokens.prefix(length - 2)
    let count = kept.count + 2
    let ids = [start] + kept + [end]
    return TokenizedPrompt(
      prompt: prompt, tokens: (ids + Array(repeating: padding, count: length - count)).map(token),
      count: count,
      dropped: tokens.dropFirst(length - 2).map(token))
  }

  private func token(_ id: Int32) -> TokenizedPrompt.Token {
    .init(id: Int(id), text: texts[id] ?? "", isLiteral: literal.contains(id))
  }

  /// Cuts a prompt into tokens for a text encoder.
  ///
  /// - Parameters:
  ///   - prompt: The prompt.
  ///   - vocabularySize: The number of tokens that the encoder has.
  /// - Throws: ``DiffusionError`` (`badData`) that names the vocabulary, for a token that the encoder does not have.
  func callAsFunction(_ prompt: String, vocabularySize: Int) throws -> TokenizedPrompt {
    let cut = self(prompt)
    guard let token = cut.tokens.first(where: { !(0..<vocabularySize).contains($0.id) }) else { return cut }
    throw DiffusionError(
      .badData,
      "\(file): token \(SettingValue.text(token.text)) has the number \(token.id), but the text encoder's vocabulary "
        + "ends at \(vocabularySize - 1); do tokenizer and text encoder belong together?")
  }

  /// The numbers of a text, without start and end.
  private func tokens(of text: String) -> [Int32] {
    added.parts(of: Array(text.unicodeScalars), isNormalized: false).flatMap { part -> [Int32] in
      switch part {
      case .token(let id): [id]
      case .text(let scalars): tokens(ofNormalized: CLIPTextSplitter.normalized(scalars))
      }
    }
  }

  private func tokens(ofNormalized text: [Unicode.Scalar]) -> [Int32] {
    added.parts(of: text, isNormalized: true).flatMap { part -> [Int32] in
      switch part {
      case .token(let id): [id]
      case .text(let scalars): CLIPTextSplitter.words(of: Array(scalars)).flatMap(encoding.tokens)
      }
    }
  }
}
