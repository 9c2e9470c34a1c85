/// Which of the numbers that a run's generators draw it starts from: those of a later call, or those of one image of a
/// batch. So that it can be seen what a generator hands out after the first tensor.
public struct NoiseSelection: Sendable, Equatable {
  /// Which call draws the initial noise, from 1 to 1000. The calls before it draw tensors of the same shape, which are
  /// thrown away, as pipelines that are called one after the other with one `torch.Generator` and eta 0 draw theirs.
  public var call: Int
  /// Which image of the batch runs, from 1; nil for all. Noise is drawn for the whole batch, in the steps too, and the
  /// images of a batch do not depend on each other: it has the bits that it has among the others.
  public var image: Int?

  /// Describes a selection; everything of the first call if nothing is said.
  public init(call: Int = 1, image: Int? = nil) {
    self.call = call
    self.image = image
  }

  /// The most calls that can be asked for.
  package static let maximumCall = 1000

  /// Draws the noise of the call.
  func draw(_ shape: [Int], from noise: NoiseSource) throws -> Tensor<Float> {
    for _ in 1..<max(1, call) { _ = try noise.draw(shape) }
    return try noise.draw(shape)
  }

  /// The image of a batch, `[1, ...]`; the batch itself if none is selected.
  func part(of batch: Tensor<Float>) -> Tensor<Float> {
    guard let image, let count = batch.shape.first, (1...count).contains(image) else { return batch }
    let each = batch.count / count
    return Tensor(
      unchecked: [1] + batch.shape.dropFirst(), Array(batch.scalars[(image - 1) * each..<image * each]))
  }
}
