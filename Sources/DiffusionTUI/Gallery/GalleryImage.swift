import DiffusionCore

/// The final image of a seed. Made where it is computed, so that the screen has only to draw it.
public struct GalleryImage: Sendable, Equatable {
  /// The seed.
  public let seed: Seed
  /// The SHA-256 of the last sample, as the run alone shows it.
  public let sha256: String
  /// `np.abs(image).sum()` of the image in [0, 1].
  package let absoluteSum: Double
  /// Its pixels; nil for a sample that is no image.
  package let picture: Picture?

  /// Measures and draws what the last step of a run has made, which takes a while: not for the terminal's thread.
  ///
  /// - Parameter images: What it decodes to, `[batch, height, width, channels]` in [0, 1].
  public init(seed: Seed, lastStep: DenoisingStep, images: Tensor<Float>) {
    let statistics = StepStatistics(of: lastStep, images: images)
    self.seed = seed
    sha256 = statistics.prevSample.sha256
    absoluteSum = statistics.imageAbsoluteSum ?? 0
    picture = Picture(of: lastStep.prevSample)
  }
}
