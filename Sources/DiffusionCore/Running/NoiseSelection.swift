import TensorKernels

/// The part of its generators' numbers that a run starts from: those of a later call, or of one image of a batch. It
/// shows what a generator draws after the first tensor.
public struct NoiseSelection: Sendable, Equatable {
  /// The call that draws the initial noise, from 1 to 1000. The calls before it draw tensors of the same shape that are
  /// discarded, as pipelines called in turn with the same `torch.Generator` and eta 0 would draw them.
  public var call: Int
  /// The image of the batch to run, from 1; nil for all. Noise is drawn for the whole batch, in the steps too, and the
  /// images of a batch are independent, so the image has the same bits as among the others.
  public var image: Int?

  /// Creates a selection; by default the whole batch of the first call.
  public init(call: Int = 1, image: Int? = nil) {
    self.call = call
    self.image = image
  }

  /// The largest number of a call.
  package static let maximumCall = 1000

  /// Draws the noise of the call, and before it what each call draws for a picture.
  ///
  /// - Parameter drawsNoise: Whether a call draws noise for its sample; if not, that is zeros.
  func draw<Source>(
    _ shape: [Int], from noise: NoiseSource, drawsNoise: Bool, after source: (NoiseSource) throws -> Source
  ) throws -> (source: Source, noise: Tensor<Float>) {
    func drawn() throws -> Tensor<Float> {
      drawsNoise
        ? try noise.draw(shape) : Tensor(unchecked: shape, Array(repeating: 0, count: .product(of: shape)))
    }
    for _ in 1..<max(1, call) {
      _ = try source(noise)
      _ = try drawn()
    }
    return (try source(noise), try drawn())
  }

  /// The image of a batch, `[1, ...]`; the batch itself if none is selected.
  func part(of batch: Tensor<Float>) -> Tensor<Float> {
    guard let image, let count = batch.shape.first, (1...count).contains(image) else { return batch }
    let each = batch.count / count
    return Tensor(
      unchecked: [1] + batch.shape.dropFirst(), Array(batch.scalars[(image - 1) * each..<image * each]))
  }
}
