/// What makes images of a run's samples: of pixels by rescaling, of latents with a model.
package protocol SampleDecoder: Sendable {
  /// The images of a sample, `[batch, height, width, channels]` in [0, 1].
  ///
  /// - Throws: ``DiffusionError`` for a sample that does not fit.
  func images(of sample: Tensor<Float>) throws -> Tensor<Float>
}

/// Samples that are images already, around [-1, 1].
package struct PixelDecoder: SampleDecoder {
  package init() {}

  package func images(of sample: Tensor<Float>) throws -> Tensor<Float> { sample.imagesFromSamples() }
}
