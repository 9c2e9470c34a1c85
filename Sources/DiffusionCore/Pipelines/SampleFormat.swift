/// What a run's samples are: images, or latents that a model encodes and decodes.
package protocol SampleFormat: Sendable {
  /// Whether samples are latents.
  var isLatent: Bool { get }
  /// What samples are if they are latents; nil for images. It may take long when it is first asked for.
  var latents: LatentFormat? { get }

  /// The images of a sample, `[batch, height, width, channels]` in [0, 1].
  ///
  /// - Parameters:
  ///   - sample: `[batch, channels, height, width]`.
  ///   - progress: Called before each block of a decoder; an error it throws stops the decoder there.
  /// - Throws: ``DiffusionError`` for a sample that does not fit; what `progress` throws.
  func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float>

  /// Decodes again to find the first layer of the decoder whose output is not finite; nil if there is none, or no
  /// decoder.
  ///
  /// - Throws: What `progress` throws.
  func firstNonFiniteLayer(decoding sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> NonFiniteLayer?

  /// Encodes a picture.
  ///
  /// - Parameters:
  ///   - picture: The picture, which is scaled to the size of the images.
  ///   - shape: The shape of the samples, `[batch, channels, height, width]`.
  /// - Returns: Makes the picture's samples, of that shape; where encoding is random, with noise from a source.
  /// - Throws: ``DiffusionError`` (`badData`) for a picture that does not suit the model.
  func encode(_ picture: SourcePicture, shape: [Int]) throws -> (_ noise: NoiseSource) throws -> Tensor<Float>
}

extension SampleFormat {
  package func firstNonFiniteLayer(
    decoding sample: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? { nil }
}

/// Samples that are images, around [-1, 1] or in [0, 1].
package struct PixelFormat: SampleFormat {
  package let isLatent = false
  package let latents: LatentFormat? = nil
  /// Whether they are around [-1, 1].
  private let isSigned: Bool

  package init(isSigned: Bool = true) { self.isSigned = isSigned }

  package func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    isSigned ? sample.imagesFromSamples() : sample.imagesFromUnsignedSamples()
  }

  package func encode(
    _ picture: SourcePicture, shape: [Int]
  ) throws -> (_ noise: NoiseSource) throws -> Tensor<Float> {
    let signed = try picture.samples(shape), samples = isSigned ? signed : signed.map { $0 / 2 + 0.5 }
    return { _ in samples }
  }
}
