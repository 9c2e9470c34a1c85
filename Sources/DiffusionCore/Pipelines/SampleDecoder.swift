/// Decodes a run's samples into images: pixels by rescaling, latents with a model.
package protocol SampleDecoder: Sendable {
  /// The images of a sample, `[batch, height, width, channels]` in [0, 1].
  ///
  /// - Throws: ``DiffusionError`` for a sample that does not fit.
  func images(of sample: Tensor<Float>) throws -> Tensor<Float>
}

/// A decoder of samples that are already images, around [-1, 1].
package struct PixelDecoder: SampleDecoder {
  package init() {}

  package func images(of sample: Tensor<Float>) throws -> Tensor<Float> { sample.imagesFromSamples() }
}
