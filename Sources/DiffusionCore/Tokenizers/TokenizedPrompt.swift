/// A prompt as a tokenizer cut it.
public struct TokenizedPrompt: Sendable, Equatable {
  /// A piece of the prompt.
  public struct Token: Sendable, Equatable {
    /// Its number in the vocabulary.
    public let id: Int
    /// Its text as in the vocabulary, with `</w>` at the end of a word: `piz`, `za</w>`, `<|endoftext|>`.
    public let text: String
    /// Whether the text is meant as it is written, as that of an added token is; in all others each character stands
    /// for a byte.
    let isLiteral: Bool

    /// Creates a token.
    public init(id: Int, text: String) { self.init(id: id, text: text, isLiteral: false) }

    init(id: Int, text: String, isLiteral: Bool) { (self.id, self.text, self.isLiteral) = (id, text, isLiteral) }

    /// Its text as the user wrote it, without the end of a word; the characters of the vocabulary where the bytes are
    /// part of a character.
    public var plainText: String {
      let characters = String(text.hasSuffix("</w>") ? text.dropLast(4) : text[...])
      return isLiteral
        ? characters
        : String(validating: BytePairEncoding.bytes(of: characters), as: UTF8.self)
          ?? characters
    }

    /// The bytes of its text, a space for the end of a word.
    fileprivate var bytes: [UInt8] {
      let endsWord = text.hasSuffix("</w>"), characters = String(endsWord ? text.dropLast(4) : text[...])
      return (isLiteral ? Array(characters.utf8) : BytePairEncoding.bytes(of: characters)) + (endsWord ? [0x20] : [])
    }
  }

  /// The prompt.
  public let prompt: String
  /// The tokens that the text encoder reads, with start, end and padding; as many as the model takes.
  public let tokens: [Token]
  /// How many of them, from the first on, are neither padding nor an end beyond the first.
  public let count: Int
  /// What fell off the prompt's end, as its tokens; empty if it fits.
  public let dropped: [Token]

  /// Creates a record.
  public init(prompt: String, tokens: [Token], count: Int, dropped: [Token]) {
    (self.prompt, self.tokens, self.count, self.dropped) = (prompt, tokens, count, dropped)
  }

  /// What fell off its end as the user wrote it, in lower case; U+FFFD where a character lost its beginning.
  public var droppedText: String {
    String(decoding: dropped.flatMap(\.bytes), as: UTF8.self).split(separator: " ").joined(separator: " ")
  }
}

/// How much each pixel of an image attends to each token of its prompt, averaged over the heads and the layers.
public struct TextAttention: Sendable, Equatable {
  /// The prompt as the tokenizer cut it; for a blend of two prompts the one that weighs more.
  public let prompt: TokenizedPrompt
  /// `[1, tokens, height, width]`, at the size of the sample. The weights of a pixel add up to 1.
  public let weights: Tensor<Float>

  /// Creates a record.
  public init(prompt: TokenizedPrompt, weights: Tensor<Float>) { (self.prompt, self.weights) = (prompt, weights) }
}
