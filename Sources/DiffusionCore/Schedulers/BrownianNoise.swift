/// The noise of steps between noise levels: increments of a Brownian motion over sigma, each divided by its deviation.
struct BrownianNoise: Sendable {
  private let trees: [BrownianTree]
  private let form: NoiseForm
  private let shape: [Int]

  /// Creates the noise of a run (`BrownianTreeNoiseSampler`).
  ///
  /// - Parameters:
  ///   - low: The lowest sigma above 0.
  ///   - high: The highest sigma.
  ///   - form: The noise of a step.
  ///   - seeds: The seed of one motion for the whole batch, or of one for each image.
  init(from low: Float, to high: Float, _ form: NoiseForm, seeds: [UInt64]) {
    let shape = seeds.count > 1 ? Array(form.shape.dropFirst()) : form.shape
    let all = seeds.map {
      BrownianTree(from: Double(low), to: Double(high), shape: shape, seed: $0, device: form.device)
    }
    let own = form.image.map { $0 - 1 }
    if seeds.count > 1, let own, all.indices.contains(own) {
      (trees, self.form, self.shape) = ([all[own]], NoiseForm(shape: [1] + shape, device: form.device), [1] + shape)
    } else {
      (trees, self.form, self.shape) = (all, form, form.shape)
    }
  }

  /// The noise of a step, `[batch, ...]`.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for sigmas less than 1e-6 apart.
  func callAsFunction(from sigma: Float, to next: Float) throws -> Tensor<Float> {
    let (low, high) = sigma < next ? (sigma, next) : (next, sigma), sign: Float = sigma < next ? 1 : -1
    let deviation = (next - sigma).magnitude.squareRoot()
    let scalars = try trees.flatMap { tree in
      try tree.increment(from: Double(low), to: Double(high)).map { $0 * sign / deviation }
    }
    guard let image = form.image, let count = shape.first, (1...count).contains(image) else {
      return Tensor(unchecked: shape, scalars)
    }
    let each = scalars.count / count
    return Tensor(
      unchecked: [1] + shape.dropFirst(), Array(scalars[(image - 1) * each..<image * each]))
  }
}

/// The noise of a step, as it is drawn.
public struct NoiseForm: Sendable, Equatable {
  /// The shape of the whole batch, `[batch, ...]`.
  public let shape: [Int]
  /// The image of the batch that runs, from 1; nil for all.
  public let image: Int?
  /// The device whose generators draw.
  public let device: Generator.Device

  /// Creates a form; by default that of a whole batch.
  public init(shape: [Int], image: Int? = nil, device: Generator.Device = .cpu) {
    (self.shape, self.image, self.device) = (shape, image, device)
  }
}
