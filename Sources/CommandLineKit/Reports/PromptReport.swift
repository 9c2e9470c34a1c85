import DiffusionCore
import DiffusionTUI

/// A prompt as the tokenizer cut it, in JSON and in the heading of `generate`.
struct PromptReport: Encodable, Sendable, Equatable {
  /// A piece of the prompt.
  struct Token: Encodable, Sendable, Equatable {
    let id: Int
    let text: String
  }

  let prompt: String
  let tokens: [Token]
  /// How many of them are neither padding nor an end beyond the first.
  let count: Int
  /// What fell off the end of the prompt.
  let dropped: [Token]

  init(_ prompt: TokenizedPrompt) {
    (self.prompt, count) = (prompt.prompt, prompt.count)
    tokens = prompt.tokens.map { Token(id: $0.id, text: $0.text) }
    dropped = prompt.dropped.map { Token(id: $0.id, text: $0.text) }
  }

  /// `4 of 16: <|startoftext|> piz za</w> <|endoftext|>`.
  var tokensText: String {
    "\(count) of \(tokens.count): " + tokens.prefix(count).map(\.text).joined(separator: " ")
  }
}

/// The class of an image, in JSON and in the heading of `generate`.
struct ClassReport: Encodable, Sendable, Equatable {
  /// Its number, from 0.
  let label: Int
  /// Its names; nil where the model has none.
  let name: String?
  /// Whether the run names no class.
  let isDefault: Bool

  private enum CodingKeys: String, CodingKey {
    case label, name
    case isDefault = "default"
  }

  init(_ imageClass: ImageClass) {
    (label, name, isDefault) = (imageClass.number, imageClass.name, imageClass.isDefault)
  }

  /// `207 golden retriever`.
  var text: String { ImageClass(number: label, name: name, isDefault: isDefault).description }
}

extension TokenizedPrompt {
  /// A line about what fell off the prompt's end; nil if nothing did.
  public var truncationWarning: String? {
    guard !dropped.isEmpty else { return nil }
    let words = droppedText.split(separator: " ")
    let shown = words.prefix(30).joined(separator: " ").shortened(columns: 400), rest = words.count > 30 ? " ..." : ""
    return "the text encoder takes \(tokens.count) tokens, start and end among them: \(dropped.count) fell off the end "
      + "of the prompt: \(shown)\(rest)"
  }
}

/// The last sample of a run of latents: what the images were decoded from.
struct LatentsReport: Encodable, Sendable, Equatable {
  /// `[batch, channels, height, width]`.
  let shape: [Int]
  /// SHA-256 of the float32 elements, little endian.
  let sha256: String
  /// The sum of |x|, in binary64.
  let absSum: Double

  private enum CodingKeys: String, CodingKey {
    case shape, sha256
    case absSum = "abs_sum"
  }

  init(_ latents: Tensor<Float>) {
    let statistics = TensorStatistics(of: latents, histogramBins: 0)
    (shape, sha256, absSum) = (latents.shape, statistics.sha256, statistics.absoluteSum)
  }

  /// Its shape and its sum, for the lines above those of the images.
  var facts: [(String, String)] {
    [("latents", "\(shape) float32"), ("np.abs(x).sum()", FixedDecimal.text(absSum, digits: 4))]
  }
}
