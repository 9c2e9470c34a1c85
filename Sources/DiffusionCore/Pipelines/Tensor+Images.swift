extension Tensor<Float> {
  /// Turns samples `[batch, channels, height, width]` around [-1, 1] into images `[batch, height, width, channels]` in
  /// [0, 1]: `(x / 2 + 0.5).clamp(0, 1)`, as at the end of `DDIMPipeline.__call__`. NaN stays NaN. A tensor of any
  /// other rank is only rescaled.
  public func imagesFromSamples() -> Tensor<Float> { images { clamp($0 / 2 + 0.5, 0, 1) } }

  /// The same for samples in [0, 1], which are not rescaled (`ScoreSdeVePipeline.__call__`).
  public func imagesFromUnsignedSamples() -> Tensor<Float> { images { clamp($0, 0, 1) } }

  private func images(_ value: (Float) -> Float) -> Tensor<Float> {
    let values = scalars.map(value)
    guard shape.count == 4 else { return Tensor(unchecked: shape, values) }
    let (channels, pixels) = (shape[1], shape[2] * shape[3])
    var images = values
    for image in 0..<shape[0] {
      let start = image * channels * pixels
      for channel in 0..<channels {
        for pixel in 0..<pixels {
          images[start + pixel * channels + channel] = values[start + channel * pixels + pixel]
        }
      }
    }
    return Tensor(unchecked: [shape[0], shape[2], shape[3], channels], images)
  }
}
