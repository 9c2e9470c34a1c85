/// A network that makes a picture larger: it reads the picture, already at the larger size, behind the channels of its
/// sample.
struct SuperResolutionModel: DenoisingModel {
  /// The network itself.
  let unet: UNet2DModel

  /// The identity of the network.
  var identity: ObjectIdentifier? { unet.identity }

  func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try unet(joined(input), progress: progress)
  }

  func observe(_ input: ModelInput, observer: @escaping LayerObserver, progress: ForwardProgressHandler?) throws {
    _ = try unet.predict(joined(input), observer: observer, progress: progress)
  }

  /// The sample with the channels of the picture behind its own.
  private func joined(_ input: ModelInput) throws -> ModelInput {
    var joined = input
    joined.conditioning.image = nil
    guard let image = input.conditioning.image else {
      throw DiffusionError(.usage, "a super-resolution network takes a picture beside its sample, found none")
    }
    joined.sample = try input.sample.joined(channelsOf: image)
    return joined
  }
}

extension Tensor<Float> {
  /// The channels of two batches of images, `[batch, channels, height, width]`, side by side.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for images of another number or size.
  func joined(channelsOf other: Tensor<Float>) throws -> Tensor<Float> {
    guard shape.count == 4, other.shape.count == 4, shape[0] == other.shape[0], shape[2...] == other.shape[2...] else {
      throw DiffusionError(.usage, "images of shape \(other.shape) do not fit a sample of shape \(shape)")
    }
    let own = shape[1] * shape[2] * shape[3], added = other.shape[1] * shape[2] * shape[3]
    var joined: [Float] = []
    joined.reserveCapacity(shape[0] * (own + added))
    for image in 0..<shape[0] {
      joined += scalars[image * own..<(image + 1) * own]
      joined += other.scalars[image * added..<(image + 1) * added]
    }
    return Tensor(unchecked: [shape[0], shape[1] + other.shape[1], shape[2], shape[3]], joined)
  }
}
