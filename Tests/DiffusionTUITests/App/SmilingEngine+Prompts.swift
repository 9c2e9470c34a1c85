import DiffusionCore
import DiffusionTUI

/// Prompts: their tokens, guidance and attention.
extension SmilingEngine {
  /// Makes it a miniature Stable Diffusion: latents of 4 channels, of 4 pixels across each, and a prompt.
  mutating func useLatents(tokens: Int = 16) {
    (width, height, channels, promptTokens) = (8, 8, 4, tokens)
    latents = LatentFormat(
      scale: 4, factors: [[0.3, 0.2, 0.2], [0.2, 0.3, 0.1], [-0.2, 0.1, 0.3], [0.1, -0.2, 0.2]],
      bias: [0.1, 0, -0.1])
  }

  /// Makes it a miniature DiT: latents as above, and classes, of which the third has a name.
  mutating func useClasses() {
    useLatents(tokens: 0)
    classNames = [3: "the third"]
  }

  /// A model of classes has a scale of guidance of its own.
  func resolved(_ settings: RunSettings) -> RunSettings {
    var settings = settings
    if classNames != nil { settings.guidanceScale = settings.guidanceScale ?? 4 }
    return settings
  }

  /// The class of each image; none for a model without classes.
  func classes(of settings: RunSettings) -> [ImageClass] {
    guard let classNames else { return [] }
    let labels = settings.classLabels.isEmpty ? [.number(0)] : settings.classLabels
    return (0..<settings.batchSize).map { image in
      guard case .number(let number) = labels[min(image, labels.count - 1)] else { return ImageClass(number: 0) }
      return ImageClass(number: number, name: classNames[number], isDefault: settings.classLabels.isEmpty)
    }
  }

  /// A tokenizer's record of a prompt: words of at most four characters a token, start, end and padding.
  func tokenized(_ prompt: String) -> TokenizedPrompt {
    typealias Token = TokenizedPrompt.Token
    let pieces = prompt.split(separator: " ").flatMap { word in
      stride(from: 0, to: word.count, by: 4).map { start in
        let piece = word.dropFirst(start).prefix(4)
        return Token(id: 100 + piece.count, text: piece + (start + 4 >= word.count ? "</w>" : ""))
      }
    }
    let end = Token(id: 3, text: "<|endoftext|>"), room = promptTokens - 2
    let read = [Token(id: 2, text: "<|startoftext|>")] + pieces.prefix(room) + [end]
    let padding = Array(repeating: end, count: max(0, promptTokens - read.count))
    return TokenizedPrompt(
      prompt: prompt, tokens: read + padding, count: read.count, dropped: Array(pieces.dropFirst(room)))
  }

  /// Halves around a prediction, further apart with a larger scale; nil without guidance.
  func guidance(
    of settings: RunSettings, _ output: Tensor<Float>, _ original: Tensor<Float>
  ) -> GuidedPrediction? {
    guard promptTokens > 0, !readsGuidance, let scale = settings.guidanceScale, scale > 1 else { return nil }
    func half(_ share: Float) -> (output: Tensor<Float>, original: Tensor<Float>) {
      (combine(output, original) { $0 + share * $1 }, combine(original, output) { $0 - share * $1 })
    }
    let (without, with) = (half(-0.25), half(Float(scale) / 16))
    return GuidedPrediction(unconditional: without.output, conditional: with.output) {
      $0 == without.output ? without.original : with.original
    }
  }

  /// Computes the pending attention: each token's is around a place of its own, which moves from step to step.
  mutating func finishAttention() -> [Action] {
    guard let request = attentionWaiting, let run = runs[request.run], let prompt = run.description.prompts.first else {
      return []
    }
    attentionWaiting = nil
    if let attentionFailure { return [.attentionFailed(request, message: attentionFailure)] }
    let shape = run.description.initialNoise.shape, plane = shape[2] * shape[3], count = prompt.tokens.count
    let near = (0..<plane).map { pixel in
      (0..<count).map { 1 / Float(1 + abs((pixel + request.position) % count - $0)) }
    }
    let scalars = (0..<count).flatMap { token in near.map { $0[token] / $0.reduce(0, +) } }
    let attention = TextAttention(prompt: prompt, weights: tensor(scalars, [1, count, shape[2], shape[3]]))
    return [.attended(request, TokenMaps(attention))]
  }
}
