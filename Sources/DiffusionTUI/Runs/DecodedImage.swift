import DiffusionCore

/// Latents to decode: those of a view after some steps of a run.
public struct DecodeRequest: Sendable, Hashable {
  /// The number of the run.
  package let run: Int
  /// The tensor of the step.
  package let view: TensorView
  /// The number of steps taken.
  package let position: Int

  /// Creates a request.
  package init(run: Int, view: TensorView, position: Int) {
    (self.run, self.view, self.position) = (run, view, position)
  }
}

/// The images that a decoder made of latents.
public struct DecodedImage: Sendable, Equatable {
  /// The images, `[batch, height, width, channels]` in [0, 1].
  package let images: Tensor<Float>
  /// The same, `[batch, channels, height, width]`, as pictures are drawn.
  package let planes: Tensor<Float>
  /// The statistics of ``images``.
  package let statistics: TensorStatistics
  /// The layer of the decoder that made the first NaN; nil if the images are finite, or their latents are not.
  package let nonFinite: NonFiniteLayer?

  /// Measures images, which takes a while: do not call it on the terminal's thread.
  public init(_ images: Tensor<Float>, nonFinite: NonFiniteLayer? = nil) {
    (self.images, self.nonFinite) = (images, nonFinite)
    planes = Self.planes(of: images)
    statistics = TensorStatistics(of: images, histogramBins: 0)
  }

  /// Moves the channels, which are last, before the pixels; a tensor of another shape stays as it is.
  package static func planes(of images: Tensor<Float>) -> Tensor<Float> {
    guard images.shape.count == 4 else { return images }
    let (batch, channels) = (images.shape[0], images.shape[3])
    let plane = images.shape[1] * images.shape[2]
    var scalars: [Float] = []
    scalars.reserveCapacity(images.scalars.count)
    for image in 0..<batch {
      for channel in 0..<channels {
        for pixel in 0..<plane { scalars.append(images.scalars[(image * plane + pixel) * channels + channel]) }
      }
    }
    let shape = [batch, channels, images.shape[1], images.shape[2]]
    return (try? Tensor(shape: shape, scalars: scalars)) ?? images
  }
}

/// The decoded images of a run: those asked for last, and that of its end.
package struct DecodedImages: Sendable, Equatable {
  /// The maximum number of images kept.
  package static let capacity = 16

  private var images: [DecodeRequest: DecodedImage] = [:]
  /// Oldest first.
  private var order: [DecodeRequest] = []

  /// The image of a step; nil if it is not decoded, or no longer kept.
  package subscript(request: DecodeRequest) -> DecodedImage? { images[request] }

  /// Keeps an image, in place of the oldest if there are too many.
  ///
  /// - Parameter lasting: The request whose image is never given up.
  mutating func keep(_ image: DecodedImage, of request: DecodeRequest, lasting: DecodeRequest) {
    order.removeAll { $0 == request }
    order.append(request)
    images[request] = image
    guard order.count > Self.capacity, let oldest = order.firstIndex(where: { $0 != lasting }) else { return }
    images[order.remove(at: oldest)] = nil
  }
}

/// What a picture is made of.
package struct PicturedTensor: Sendable, Equatable {
  /// How its values became what they are.
  package enum Source: Sendable, Equatable {
    /// They are those of the step's tensor.
    case values
    /// Latents as a linear function of their channels: red, green and blue.
    case linearPreview
    /// Latents as their decoder sees them.
    case decoded
  }

  /// `[batch, channels, height, width]`.
  package let tensor: Tensor<Float>
  /// How its values became what they are.
  package let source: Source

  /// The values that are black and white.
  package var range: ValueRange { source == .decoded ? .unit : .signed }
}
