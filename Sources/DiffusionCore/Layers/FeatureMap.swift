import TensorKernels

/// What flows between layers: `[batch][height][width][channels]`, binary32. Written once, by the layer that makes it.
package struct FeatureMap: Sendable {
  package let batch: Int
  package let height: Int
  package let width: Int
  package let channels: Int
  package let buffer: FloatBuffer

  /// A map whose elements are yet to be written, in memory of its own or of a pool.
  package init(batch: Int, height: Int, width: Int, channels: Int, from pool: FloatBufferPool? = nil) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
    let count = batch * height * width * channels
    buffer = pool?.buffer(count: count) ?? FloatBuffer(count: count)
  }

  /// Pixels of one image.
  package var pixels: Int { height * width }
}

extension FeatureMap {
  /// Turns `[batch, channels, height, width]` into channels-last, with every element passed through `transform`.
  package init(_ tensor: Tensor<Float>, transform: (Float) -> Float = { $0 }) {
    self.init(batch: tensor.shape[0], height: tensor.shape[2], width: tensor.shape[3], channels: tensor.shape[1])
    let output = buffer.mutable
    tensor.scalars.withUnsafeBufferPointer { input in
      for image in 0..<batch {
        for channel in 0..<channels {
          let plane = (image * channels + channel) * pixels
          for pixel in 0..<pixels {
            output[(image * pixels + pixel) * channels + channel] = transform(input[plane + pixel])
          }
        }
      }
    }
  }

  /// The elements as `[batch, channels, height, width]`.
  package var tensor: Tensor<Float> {
    let input = buffer.pointer
    let scalars = [Float](unsafeUninitializedCapacity: buffer.count) { output, count in
      for image in 0..<batch {
        for channel in 0..<channels {
          let plane = (image * channels + channel) * pixels
          for pixel in 0..<pixels {
            output[plane + pixel] = input[(image * pixels + pixel) * channels + channel]
          }
        }
      }
      count = buffer.count
    }
    return Tensor(unchecked: [batch, channels, height, width], scalars)
  }
}
