/// Samples that are latents: what turns them into a picture without a decoder.
public struct LatentFormat: Sendable, Equatable {
  /// The pixels across, and down, of the decoded image for each of a latent: 8.
  public let scale: Int
  /// The share of each latent channel in red, green and blue, `[channels][3]`.
  public let factors: [[Float]]
  /// What is added to red, green and blue.
  public let bias: [Float]

  /// Creates a format.
  public init(scale: Int, factors: [[Float]], bias: [Float]) {
    (self.scale, self.factors, self.bias) = (scale, factors, bias)
  }

  /// A picture of latents as a linear function of their channels: a cheap approximation of what the decoder would make
  /// of them, at the latents' own size. Display only; no result depends on it.
  ///
  /// - Parameter latents: `[batch, channels, height, width]`.
  /// - Returns: `[batch, 3, height, width]`, around [-1, 1].
  public func preview(_ latents: Tensor<Float>) -> Tensor<Float> {
    let shape = latents.shape, plane = shape.dropFirst(2).reduce(1, *)
    var pixels: [Float] = []
    pixels.reserveCapacity(shape[0] * 3 * plane)
    for image in 0..<shape[0] {
      for color in 0..<3 {
        pixels += (0..<plane).map { pixel in
          factors.indices.reduce(bias[color]) { sum, channel in
            sum + factors[channel][color] * latents.scalars[(image * shape[1] + channel) * plane + pixel]
          }
        }
      }
    }
    return Tensor(unchecked: [shape[0], 3] + shape.dropFirst(2), pixels)
  }
}
