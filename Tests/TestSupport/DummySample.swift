import DiffusionCore

/// The sample of Diffusers' scheduler tests.
public enum DummySample {
  /// `dummy_sample_deter`: 0 to 767 over 768 as `[channels, height, width, batch]`, permuted to `[4, 3, 8, 8]`;
  /// flipped, the same from its end.
  public static func tensor(flipped: Bool = false) throws -> Tensor<Float> {
    let (batch, count) = (4, 768)
    let scalars = (0..<count).map { place in
      let (image, element) = (place / (count / batch), place % (count / batch))
      let number = element * batch + image
      return Float(flipped ? count - 1 - number : number) / Float(count)
    }
    return try Tensor(shape: [batch, 3, 8, 8], scalars: scalars)
  }
}
