import DiffusionCore

/// Records the frames of an animation of x_t, one animation for each image of the batch.
struct AnimationRecorder: RunRecorder {
  private let path: String
  private let scale: Int?
  private let latents: LatentFormat?
  private var animations: [AnimatedPNG]

  /// Starts with the noise, `[batch, channels, height, width]`; latents are shown by their format.
  ///
  /// - Throws: ``DiffusionError``: `usage` if a frame would be too large, `inputOutput` if it cannot be encoded.
  init(
    path: String, initialNoise: Tensor<Float>, latents: LatentFormat? = nil, timing: AnimationTiming, scale: Int?
  ) throws {
    (self.path, self.scale, self.latents) = (path, scale, latents)
    animations = (0..<(initialNoise.shape.first ?? 0)).map { _ in AnimatedPNG(timing: timing) }
    let (across, down) = (initialNoise.shape[3] * (scale ?? 1), initialNoise.shape[2] * (scale ?? 1))
    try PixelImage.require(
      across, down, for: "--animation", "frames of \(across)x\(down) pixels", remedy: "lower --scale")
    try append(initialNoise)
  }

  mutating func record(_ step: DenoisingStep) throws { try append(step.prevSample) }

  func files(images: Tensor<Float>?) throws -> [OutputFile] {
    try zip(BatchPaths.paths(path, count: animations.count), animations).map { path, animation in
      OutputFile(path: path, bytes: try animation.file())
    }
  }

  private mutating func append(_ samples: Tensor<Float>) throws {
    for (index, image) in PixelImage.batch(samples, latents: latents).enumerated() where index < animations.count {
      let times = scale ?? PixelImage.usualScale(width: image.width, height: image.height)
      try animations[index].append(image.enlarged(times))
    }
  }
}
