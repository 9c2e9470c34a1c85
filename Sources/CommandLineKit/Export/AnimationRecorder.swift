import DiffusionCore

/// Records the frames of an animation of x_t, one animation for each image of the batch.
struct AnimationRecorder: RunRecorder {
  private let path: String
  private let scale: Int?
  private let latents: LatentFormat?
  private var animations: [AnimatedPNG]
  /// The latest latents, whose frame is added last: by then they may be decoded.
  private var latest: Tensor<Float>?

  /// Starts with the noise, `[batch, channels, height, width]`; latents are shown by their format, and
  /// the last ones decoded.
  ///
  /// - Throws: ``DiffusionError``: `usage` if a frame would be too large, `inputOutput` if it cannot be encoded.
  init(
    path: String, initialNoise: Tensor<Float>, latents: LatentFormat? = nil, timing: AnimationTiming, scale: Int?
  ) throws {
    (self.path, self.scale, self.latents) = (path, scale, latents)
    guard initialNoise.shape.count == 4 else {
      throw DiffusionError(
        .usage, "--animation: the run begins with an embedding, and its pictures have several sizes: leave it out")
    }
    animations = (0..<(initialNoise.shape.first ?? 0)).map { _ in AnimatedPNG(timing: timing) }
    let times = (scale ?? 1) * (latents?.scale ?? 1)
    let (across, down) = (initialNoise.shape[3] * times, initialNoise.shape[2] * times)
    try PixelImage.require(
      across, down, for: "--animation", "frames of \(across)x\(down) pixels", remedy: "lower --scale")
    try append(PixelImage.batch(initialNoise, latents: latents))
  }

  mutating func record(_ step: DenoisingStep) throws {
    guard latents != nil else { return try append(PixelImage.batch(step.prevSample)) }
    if let latest { try append(PixelImage.batch(latest, latents: latents)) }
    latest = step.prevSample
  }

  func files(images: Tensor<Float>?) throws -> [OutputFile] {
    var animations = animations
    if let latest {
      var whole = self
      try whole.append(images.map { PixelImage.batch(decoded: $0) } ?? PixelImage.batch(latest, latents: latents))
      animations = whole.animations
    }
    return try zip(BatchPaths.paths(path, count: animations.count), animations).map { path, animation in
      OutputFile(path: path, bytes: try animation.file())
    }
  }

  private mutating func append(_ frames: [PixelImage]) throws {
    for (index, image) in frames.enumerated() where index < animations.count {
      let times = scale ?? PixelImage.usualScale(width: image.width, height: image.height)
      try animations[index].append(image.enlarged(times))
    }
  }
}
