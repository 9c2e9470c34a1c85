import DiffusionCore

/// A step whose attention maps are wanted.
public struct AttentionRequest: Sendable, Hashable {
  /// The number of the run.
  package let run: Int
  /// The number of steps taken, this one included.
  package let position: Int

  /// Creates a request.
  package init(run: Int, position: Int) { (self.run, self.position) = (run, position) }
}

/// How much each pixel of a step's picture attends to each token of the prompt.
public struct TokenMaps: Sendable, Equatable {
  /// A token and its map.
  package struct Token: Sendable, Equatable {
    /// Its text: `begin`, `piz`, `za`, `end`; all of the padding is one, `pad (12)`.
    package let text: String
    /// Its share of the attention of all pixels, 0 to 1. The shares of all tokens add up to 1.
    package let mean: Double
    /// The least and the largest share of a pixel's attention, 0 to 1.
    package let least, largest: Double
    /// The share of each pixel, row by row.
    package let weights: [Float]

    /// Creates a token.
    package init(text: String, weights: [Float]) {
      (self.text, self.weights) = (text, weights)
      mean = weights.isEmpty ? 0 : weights.reduce(0.0) { $0 + Double($1) } / Double(weights.count)
      (least, largest) = (Double(weights.min() ?? 0), Double(weights.max() ?? 0))
    }
  }

  /// The size of the maps in pixels of the sample.
  package let size: Size
  /// The tokens, in the order of the prompt.
  package let tokens: [Token]

  /// Measures the attention of a step, which takes a while: do not call it on the terminal's thread.
  ///
  /// - Parameter attention: The weights of one image.
  public init(_ attention: TextAttention) {
    let shape = attention.weights.shape, prompt = attention.prompt
    let (count, columns) = (shape.count == 4 ? shape[1] : 0, shape.last ?? 0)
    let plane = count == 0 ? 0 : shape[2] * columns
    func weights(_ token: Int) -> [Float] { Array(attention.weights.scalars[token * plane..<(token + 1) * plane]) }
    let own = min(prompt.count, count)
    var tokens = (0..<own).map { Token(text: Self.text(of: prompt.tokens[$0], at: $0), weights: weights($0)) }
    if own < count {
      let padding = (own..<count).reduce(into: [Float](repeating: 0, count: plane)) { sums, token in
        for (pixel, weight) in weights(token).enumerated() { sums[pixel] += weight }
      }
      tokens.append(Token(text: "pad (\(count - own))", weights: padding))
    }
    size = Size(columns: columns, rows: columns == 0 ? 0 : plane / columns)
    self.tokens = tokens
  }

  private static func text(of token: TokenizedPrompt.Token, at index: Int) -> String {
    if token.text.hasPrefix("<|"), token.text.hasSuffix("|>") { return index == 0 ? "begin" : "end" }
    return token.plainText
  }
}

extension TokenMaps.Token {
  /// The map over a picture: gray where the token has its least share of a pixel's attention, and orange where it has
  /// its largest, even if the two hardly differ.
  ///
  /// - Parameters:
  ///   - picture: The picture, of any size; black if omitted.
  ///   - size: The size of the map.
  package func picture(over picture: Picture?, size: Size) -> Picture {
    let columns = max(size.columns, picture?.columns ?? 0), rows = max(size.rows, picture?.rows ?? 0)
    let pixels = (0..<rows).flatMap { row in
      (0..<columns).map { column in
        let own = picture.map { $0[column * $0.columns / columns, row * $0.rows / rows] }
        let place = row * size.rows / rows * size.columns + column * size.columns / columns
        let isThere = largest > least && weights.indices.contains(place)
        let share = isThere ? (Double(weights[place]) - least) / (largest - least) : 0
        return Self.gray(own).blended(with: Self.most, share: share)
      }
    }
    return Picture(columns: columns, rows: rows, pixels: pixels)
  }

  private static let most = RGB(255, 160, 40)

  /// A pixel in gray, at half its lightness so that attention stands out.
  private static func gray(_ pixel: RGB?) -> RGB {
    guard let pixel else { return RGB(0, 0, 0) }
    let luma = (299 * Int(pixel.red) + 587 * Int(pixel.green) + 114 * Int(pixel.blue)) / 2000
    return RGB(UInt8(clamping: luma), UInt8(clamping: luma), UInt8(clamping: luma))
  }
}
