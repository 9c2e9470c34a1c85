/// A token that is found in a text before anything else is done with it (`AddedToken`).
struct AddedToken: Sendable, Hashable {
  /// Its text.
  let content: TokenText
  /// Whether it marks something, such as the start of a text.
  var isSpecial: Bool
  /// What the file says of ``isNormalized``; nil for nothing.
  private let normalized: Bool?
  /// Whether it is found only where no letters are next to it.
  let isSingleWord: Bool
  /// Whether the file gives its text alone.
  let isPlain: Bool
  /// Whether it takes white space to its left and right, which is no part of CLIP's words anyway.
  private let strips: [Bool]

  /// Whether it is looked for in the normalized text, and so in any case.
  var isNormalized: Bool { normalized ?? !isSpecial }

  /// Reads a token: its text, or an object.
  ///
  /// - Parameters:
  ///   - key: The place of the token in its file.
  ///   - isSpecial: What an object says, if its `special` does not count.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key.
  init(_ key: String, _ value: SettingValue, isSpecial: Bool? = nil, in reader: ConfigurationReader)
    throws
  {
    switch value {
    case .text(let text):
      self.init(plain: text)
    case .table(let values):
      guard case .text(let text)? = values["content"] else {
        throw reader.error(
          "\(key).content", values["content"]?.description ?? "missing",
          expected: "the token's text")
      }
      let options = ConfigurationReader(file: reader.file, values: values)
      self.init(
        content: TokenText(text), isSpecial: try isSpecial ?? options.bool("special", default: false),
        normalized: try options.value("normalized").map { _ in
          try options.bool("normalized", default: false)
        },
        isSingleWord: try options.bool("single_word", default: false), isPlain: false,
        strips: try ["lstrip", "rstrip"].map { try options.bool($0, default: false) })
    default:
      throw reader.error(key, value, expected: "a token's text, or an object with its content")
    }
  }

  /// Creates a token of a text alone.
  init(plain content: String, isSpecial: Bool = true) {
    self.init(
      content: TokenText(content), isSpecial: isSpecial, normalized: !isSpecial, isSingleWord: false,
      isPlain: isSpecial,
      strips: [false, false])
  }

  private init(
    content: TokenText, isSpecial: Bool, normalized: Bool?, isSingleWord: Bool, isPlain: Bool,
    strips: [Bool]
  ) {
    (self.content, self.isSpecial, self.normalized) = (content, isSpecial, normalized)
    (self.isSingleWord, self.isPlain, self.strips) = (isSingleWord, isPlain, strips)
  }
}

extension AddedToken {
  /// A token is added again if it differs from those before it, as the reference compares them.
  static func == (left: AddedToken, right: AddedToken) -> Bool {
    left.content == right.content && left.isSpecial == right.isSpecial
      && left.isNormalized == right.isNormalized
      && left.isSingleWord == right.isSingleWord && left.isPlain == right.isPlain
      && left.strips == right.strips
  }

  func hash(into hasher: inout Hasher) { hasher.combine(content) }
}

/// The tokens that a tokenizer's files add to its vocabulary, and their roles.
///
/// The precedence is that of `from_pretrained` in transformers 5.24. With `added_tokens_decoder` in
/// `tokenizer_config.json`, that file says all. Without, `special_tokens_map.json` comes before it, and the tokens of
/// `tokenizer.json` before those of `added_tokens.json`.
struct AddedTokens {
  /// In the order in which they are added; of several with one text, the last one counts.
  let all: [AddedToken]
  /// The texts of those that files give numbers.
  let numbered: Set<TokenText>
  /// The named tokens, by their keys: `bos_token`.
  private let named: [String: AddedToken]
  /// The name of the file with the roles in error messages.
  private let file: String

  /// The roles in the order in which they are added, with CLIP's defaults.
  private static let roles: [(key: String, token: String?)] = [
    ("bos_token", "<|startoftext|>"), ("eos_token", "<|endoftext|>"),
    ("unk_token", "<|endoftext|>"),
    ("sep_token", nil), ("pad_token", "<|endoftext|>"), ("cls_token", nil), ("mask_token", nil),
  ]

  /// Reads the tokens.
  ///
  /// - Parameters:
  ///   - config: `tokenizer_config.json`, or an empty object.
  ///   - files: The other files.
  ///   - serialized: `tokenizer.json`; nil if there is none.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the key.
  init(_ config: ConfigurationReader, _ files: TokenizerFiles, serialized: ConfigurationReader?)
    throws
  {
    let decoder = try config.optionalTable("added_tokens_decoder")
    let settings = TokenSettings(
      config: config, map: try decoder == nil ? files.object("special_tokens_map.json") : nil)
    var named: [String: AddedToken] = [:]
    var order = Self.roles.map(\.key)
    for (role, text) in Self.roles {
      named[role] =
        try settings.value(role) == nil ? text.map { AddedToken(plain: $0) } : settings.token(role)
    }
    let extra = try settings.extraTokens()
    // What added_tokens.json is compared with: an object of tokenizer_config.json is not read by then.
    let special = order.filter {
      settings.isInMap($0) || (settings.value($0) != nil && named[$0]?.isPlain == true)
    }
    let numbered = try Self.numbered(
      decoder, files, serialized: serialized,
      special: Set(
        special.compactMap { named[$0]?.content } + extra.filter(\.isPlain).map(\.content)))
    for (role, token) in try settings.otherRoles(than: order) {
      named[role] = token
      order.append(role)
    }
    self.init(
      numbered, named: named, order: order, extra: extra, file: settings.map?.file ?? config.file)
  }

  private init(
    _ numbered: [AddedToken], named: [String: AddedToken], order: [String], extra: [AddedToken],
    file: String
  ) {
    let contents = Set(numbered.map(\.content))
    let names = Set(named.values.map(\.content))
    var all = numbered
    var known: Set<AddedToken> = []
    for token in order.compactMap({ named[$0] }) + extra where !contents.contains(token.content) {
      if known.insert(token).inserted { all.append(token) }
    }
    self.all = all.map { token in
      var token = token
      token.isSpecial = token.isSpecial || names.contains(token.content)
      return token
    }
    (self.numbered, self.named, self.file) = (contents, named, file)
  }

  /// The token of a role that CLIP cannot do without.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if the files say that there is none.
  func required(_ key: String) throws -> AddedToken {
    if let token = named[key] { return token }
    throw DiffusionError(.badData, "\(file): \(key) is null: expected a token of the vocabulary")
  }

  /// The token for unknown bytes; nil if there is none.
  var unknown: AddedToken? { named["unk_token"] }

  /// The tokens that files give numbers, in the order of these.
  private static func numbered(
    _ decoder: ConfigurationReader?, _ files: TokenizerFiles, serialized: ConfigurationReader?,
    special: Set<TokenText>
  ) throws -> [AddedToken] {
    var tokens: [Int: AddedToken] = [:]
    if let decoder {
      for (key, value) in decoder.values.sorted(by: { $0.key < $1.key }) {
        guard let id = Int(key) else {
          throw decoder.error("added_tokens_decoder", key, expected: "numbers as keys")
        }
        tokens[id] = try AddedToken("added_tokens_decoder.\(key)", value, in: decoder)
      }
      return tokens.sorted { $0.key < $1.key }.map(\.value)
    }
    if let reader = try files.object("added_tokens.json") {
      for (text, value) in reader.values.sorted(by: { $0.key < $1.key }) {
        let id = try reader.int(
          SettingValue.text(text).description, value, expected: "the token's number")
        tokens[id] = AddedToken(plain: text, isSpecial: special.contains(TokenText(text)))
      }
    }
    if case .list(let elements)? = serialized?.value("added_tokens"), let serialized {
      for (index, element) in elements.enumerated() {
        let key = "added_tokens[\(index)]"
        guard case .table(let values) = element, let id = values["id"] else {
          throw serialized.error(key, element, expected: "an object with id and content")
        }
        tokens[try serialized.int("\(key).id", id, expected: "the token's number")] =
          try AddedToken(
            key, element, in: serialized)
      }
    }
    return tokens.sorted { $0.key < $1.key }.map(\.value)
  }
}

/// What `tokenizer_config.json`, and before it `special_tokens_map.json`, say of tokens.
private struct TokenSettings {
  let config: ConfigurationReader
  let map: ConfigurationReader?

  func isInMap(_ key: String) -> Bool { map?.value(key) != nil }

  func value(_ key: String) -> SettingValue? { map?.value(key) ?? config.value(key) }

  /// The token of a key; nil for null. The map holds special tokens only.
  func token(_ key: String) throws -> AddedToken? {
    guard let value = value(key), value != .null else { return nil }
    if let map, isInMap(key) { return try AddedToken(key, value, isSpecial: true, in: map) }
    return try AddedToken(key, value, in: config)
  }

  /// The tokens under other keys than those of the known roles. A text of `tokenizer_config.json` comes first here;
  /// other values are options.
  func otherRoles(than known: [String]) throws -> [(role: String, token: AddedToken)] {
    let keys = Set(config.values.keys).union(map.map { Set($0.values.keys) } ?? []).subtracting(
      known)
    return try keys.filter { $0.hasSuffix("_token") }.sorted().compactMap { key in
      switch (config.value(key), map?.value(key)) {
      case (.text(let text)?, _): return (key, AddedToken(plain: text))
      case (_, .text?), (_, .table?): return try token(key).map { (key, $0) }
      case (.table(let values)?, nil) where values["__type"] != nil:
        return try token(key).map { (key, $0) }
      default: return nil
      }
    }
  }

  /// The tokens without a role.
  func extraTokens() throws -> [AddedToken] {
    let keys = ["extra_special_tokens", "additional_special_tokens"]
    guard let key = keys.first(where: { value($0) != nil }), let value = value(key) else {
      return []
    }
    let reader = isInMap(key) ? map ?? config : config
    switch value {
    case .null: return []
    case .list(let elements):
      return try elements.enumerated().map { try AddedToken("\(key)[\($0)]", $1, in: reader) }
    case .table(let values):
      return try values.sorted { $0.key < $1.key }.map {
        try AddedToken($0.key, $0.value, in: reader)
      }
    default: throw reader.error(key, value, expected: "a list of tokens")
    }
  }
}
