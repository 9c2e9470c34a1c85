import DiffusionCore
import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// CLIP's tokenizer against transformers.
@Suite struct CLIPTokenizerTests {
  struct Case: Decodable {
    let text: String
    let ids: [Int]
    let count: Int
    let dropped: [Int]

    func check(_ tokenizer: CLIPTokenizer, _ comment: String = "") {
      let found = tokenizer(text)
      #expect(found.tokens.map(\.id) == ids, "\(text.debugDescription.prefix(200)) \(comment)")
      #expect(found.count == count)
      #expect(found.dropped.map(\.id) == dropped, "\(text.debugDescription.prefix(200)) \(comment)")
    }
  }

  private struct Folder: Decodable {
    let files: [String: String]
    let cases: [Case]
  }

  private struct Document: Decodable {
    /// What stands in the files as `"@name"`.
    let parts: [String: String]
    let folders: [Folder]

    func tokenizer(_ folder: Folder, length: Int = 16) throws -> CLIPTokenizer {
      let scratch = try ScratchFolder()
      for (name, content) in folder.files { try scratch.write(completed(content), name) }
      return try CLIPTokenizer(opening: scratch.path, maximumLength: length)
    }

    func completed(_ content: String) -> String {
      parts.reduce(content) { text, part in
        text.split(separator: "\"@\(part.key)\"", omittingEmptySubsequences: false).joined(separator: part.value)
      }
    }
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: path)))
  }

  private let document: Document

  init() throws { document = try Self.decode(Document.self, "\(Fixtures.folder)/tokenizers/clip.json") }

  @Test func textsHaveTransformersTokens() throws {
    let folder = try #require(document.folders.first), tokenizer = try document.tokenizer(folder)
    #expect(tokenizer.length == 16)
    #expect(folder.cases.count > 600)
    for item in folder.cases { item.check(tokenizer) }
  }

  @Test func foldersHaveTransformersPrecedence() throws {
    #expect(document.folders.count > 100)
    for (index, folder) in document.folders.enumerated().dropFirst() {
      let tokenizer = try document.tokenizer(folder)
      for item in folder.cases { item.check(tokenizer, "folder \(index)") }
    }
  }

  /// Cases for another vocabulary, which generate_tokenizers.py writes.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["TOKENIZER_CASES"] != nil))
  func aVocabularyOfYourOwn() throws {
    struct Given: Decodable {
      let folder: String
      let cases: [Case]
    }
    let path = try #require(ProcessInfo.processInfo.environment["TOKENIZER_CASES"])
    let given = try Self.decode(Given.self, path)
    let tokenizer = try CLIPTokenizer(opening: given.folder, maximumLength: .max)
    for item in given.cases { item.check(tokenizer) }
  }

  @Test func tokensHaveTheirTexts() throws {
    let tokenizer = try document.tokenizer(try #require(document.folders.first))
    let prompt = tokenizer("A grinning CAT")
    #expect(prompt.prompt == "A grinning CAT")
    #expect(prompt.tokens.prefix(prompt.count).map(\.text).first == "<|startoftext|>")
    #expect(
      prompt.tokens[1..<prompt.count - 1].map(\.text).joined() == "a</w>grinning</w>cat</w>")
    #expect(prompt.tokens[prompt.count - 1].text == "<|endoftext|>")
    #expect(prompt.dropped.isEmpty)
    let long = tokenizer(String(repeating: "cat ", count: 20))
    #expect(long.count == 16)
    #expect(long.dropped.map(\.text) == Array(repeating: "cat</w>", count: 6))
  }

  /// A time that grew as the square of the text would not end within the limit.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: ["a", "你", "e\u{301}", "😀", "\u{34b}\u{f75}", "! ", "<|endoftext|>", "<|endoftext|", "'s", " ", "\0"])
  func longTexts(piece: String) throws {
    let tokenizer = try document.tokenizer(try #require(document.folders.first))
    let prompt = tokenizer(String(repeating: piece, count: 500_000 / piece.unicodeScalars.count))
    #expect(prompt.tokens.count == 16)
    let short = tokenizer(String(repeating: piece, count: 1_000 / piece.unicodeScalars.count))
    #expect(short.tokens.prefix(8) == prompt.tokens.prefix(8))
  }
}

/// Damaged and incomplete folders of a tokenizer.
@Suite struct CLIPTokenizerErrorTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var files: [String: String] = [:]
    var kind = DiffusionError.Kind.badData
    /// `@` stands for the folder.
    let message: String
    var testDescription: String { message }
  }

  private static let vocab = #"{"a":0,"b":1,"ab":2,"<|startoftext|>":3,"<|endoftext|>":4}"#

  private static func serialized(_ model: String) -> [String: String] { ["tokenizer.json": #"{"model":\#(model)}"#] }

  static let cases = [
    Case(
      files: ["vocab.json": ""], kind: .missingInput,
      message: "@/vocab.json: missing, and so is @/tokenizer.json; the model is incomplete"),
    Case(files: ["merges.txt": ""], kind: .missingInput, message: "@/merges.txt: missing, but @/vocab.json needs it"),
    Case(
      files: ["vocab.json": "{"],
      message: "@/vocab.json: not valid JSON: line 1, column 2: expected a key in double quotes or }, found the end"),
    Case(files: ["vocab.json": "[]"], message: "@/vocab.json: expected a JSON object, found []"),
    Case(
      files: ["vocab.json": "{}"], message: "@/vocab.json: the vocabulary is empty: expected tokens and their numbers"),
    Case(
      files: ["vocab.json": #"{"a":0,"b":0}"#],
      message: "@/vocab.json: tokens 'a' and 'b' are both number 0: expected one token a number"),
    Case(
      files: ["vocab.json": #"{"a":-1}"#],
      message: "@/vocab.json: token 'a' is -1: expected a whole number from 0 to 1073741824"),
    Case(
      files: ["vocab.json": #"{"a":4294967296}"#],
      message: "@/vocab.json: token 'a' is 4294967296: expected a whole number from 0 to 1073741824"),
    Case(
      files: ["vocab.json": #"{"a":0.5}"#],
      message: "@/vocab.json: token 'a' is 0.5: expected a whole number from 0 to 1073741824"),
    Case(
      files: ["vocab.json": #"{"a":null}"#],
      message: "@/vocab.json: token 'a' is null: expected a whole number from 0 to 1073741824"),
    Case(
      files: ["merges.txt": "#version: 0.2\na b c\n"],
      message: "@/merges.txt: line 2: expected two tokens with a space between them, found 'a b c'"),
    Case(
      files: ["merges.txt": "a b\n\na b\n"],
      message: "@/merges.txt: line 2: expected two tokens with a space between them, found ''"),
    Case(
      files: ["merges.txt": "a b\nb a\n"],
      message: "@/merges.txt: merge 2, 'b a', needs the token 'ba', which is not in the vocabulary; "
        + "fetch the tokenizer's files again"),
    Case(
      files: ["merges.txt": "\u{1B}[2J x\n"],
      message: "@/merges.txt: merge 1, '\\u{1B}[2J x', needs the token '\\u{1B}[2J', which is not in the vocabulary; "
        + "fetch the tokenizer's files again"),
    Case(files: serialized("null"), message: "@/tokenizer.json: model is null: expected an object"),
    Case(files: ["tokenizer.json": "{}"], message: "@/tokenizer.json: model is missing: expected an object"),
    Case(files: serialized("{}"), message: "@/tokenizer.json: vocab is missing: expected an object"),
    Case(
      files: serialized(#"{"type":"Unigram","vocab":[["a",0]]}"#),
      message: "@/tokenizer.json: type is 'Unigram': expected 'BPE'"),
    Case(
      files: serialized(#"{"vocab":\#(vocab),"merges":["ab"]}"#),
      message: "@/tokenizer.json: merges[0] is 'ab': expected two tokens"),
    Case(
      files: serialized(#"{"vocab":\#(vocab),"merges":7}"#), message: "@/tokenizer.json: merges is 7: expected a list"),
    Case(
      files: ["tokenizer_config.json": #"{"bos_token":"<s>"}"#],
      message: "@/vocab.json: bos_token '<s>' is not in the vocabulary; do the tokenizer's files belong together?"),
    Case(
      files: ["tokenizer_config.json": #"{"eos_token":null}"#],
      message: "@/tokenizer_config.json: eos_token is null: expected a token of the vocabulary"),
    Case(
      files: ["tokenizer_config.json": #"{"pad_token":7}"#],
      message: "@/tokenizer_config.json: pad_token is 7: expected a token's text, or an object with its content"),
    Case(
      files: ["tokenizer_config.json": #"{"pad_token":{}}"#],
      message: "@/tokenizer_config.json: pad_token.content is missing: expected the token's text"),
    Case(
      files: ["tokenizer_config.json": #"{"model_max_length":1}"#],
      message: "@/tokenizer_config.json: model_max_length is 1: expected a whole number, at least 2, for the start and "
        + "the end"),
    Case(
      files: ["tokenizer_config.json": #"{"model_max_length":"x"}"#],
      message: "@/tokenizer_config.json: model_max_length is 'x': expected a whole number, at least 2"),
    Case(
      files: ["tokenizer_config.json": #"{"padding_side":"left"}"#],
      message: "@/tokenizer_config.json: padding_side 'left' is not supported: expected 'right'"),
    Case(
      files: ["tokenizer_config.json": #"{"added_tokens_decoder":{"x":"a"}}"#],
      message: "@/tokenizer_config.json: added_tokens_decoder is x: expected numbers as keys"),
    Case(
      files: ["special_tokens_map.json": #"{"pad_token":[]}"#],
      message: "@/special_tokens_map.json: pad_token is []: expected a token's text, or an object with its content"),
    Case(
      files: ["tokenizer_config.json": #"{"unk_token":null}"#],
      message: "@/vocab.json: no token 'Ā': expected one for every byte, or an unk_token in the vocabulary"),
  ]

  @Test(arguments: cases) func oneLineNamesTheFile(item: Case) throws {
    let scratch = try ScratchFolder()
    // An empty text stands for a file that is not there.
    let files = ["vocab.json": Self.vocab, "merges.txt": "a b\n"].merging(item.files) { $1 }
    for (name, content) in files where !content.isEmpty { try scratch.write(content, name) }
    let error = try #require(throws: DiffusionError.self) {
      try CLIPTokenizer(opening: scratch.path, maximumLength: 16)
    }
    #expect(error.message == item.message.replacing("@", with: scratch.path))
    #expect(error.kind == item.kind)
  }

  @Test(arguments: ["vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
  func aFileOfAHundredMegabytesIsNotRead(name: String) throws {
    let scratch = try ScratchFolder()
    for (name, content) in ["vocab.json": Self.vocab, "merges.txt": "a b\n"] { try scratch.write(content, name) }
    let path = try scratch.write("", name)
    #expect(truncate(path, 100 << 20) == 0)
    let error = try #require(throws: DiffusionError.self) {
      try CLIPTokenizer(opening: scratch.path, maximumLength: 16)
    }
    #expect(error.message == "\(path): expected at most 16 MB, 16777216 bytes, found 104857600")
  }
}
