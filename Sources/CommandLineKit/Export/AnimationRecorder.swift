import DiffusionCore

/// Records the frames of an animation of x_t, one animation for each image of the batch.
struct AnimationRecorder: RunRecorder {
  private let path: String
  private let scale: Int?
  private let isLatent: Bool
  private var pictures: SamplePictures
  private var animations: [AnimatedPNG]
  /// The latest latents, whose frame is added last: by then they may be decoded.
  private var latest: Tensor<Float>?

  /// Starts with the noise, `[batch, channels, height, width]`, or with an embedding, which has no frame; latents are
  /// shown by their format, and the last ones decoded.
  ///
  /// - Throws: ``DiffusionError``: `usage` if a frame would be too large, `inputOutput` if it cannot be encoded.
  init(path: String, run: some SteppableRun, timing: AnimationTiming, scale: Int?) throws {
    (self.path, self.scale, isLatent) = (path, scale, run.latents != nil)
    pictures = SamplePictures(of: run)
    animations = (0..<(run.initialSample.shape.first ?? 0)).map { _ in AnimatedPNG(timing: timing) }
    let (across, down) = (pictures.width * (scale ?? 1), pictures.height * (scale ?? 1))
    try PixelImage.require(
      across, down, for: "--animation", "frames of \(across)x\(down) pixels", remedy: "lower --scale")
    try append(pictures.images(run.initialSample))
  }

  mutating func record(_ step: DenoisingStep) throws {
    guard isLatent else {
      try append(pictures.noise(before: step))
      return try append(pictures.images(step.prevSample))
    }
    if let latest { try append(pictures.images(latest)) }
    latest = step.prevSample
  }

  func files(images: Tensor<Float>?) throws -> [OutputFile] {
    var whole = self
    if let latest { try whole.append(images.map(pictures.images(decoded:)) ?? pictures.images(latest)) }
    return try zip(BatchPaths.paths(path, count: animations.count), whole.animations).map { path, animation in
      guard !animation.isEmpty else { throw SamplePictures.absence(path) }
      return OutputFile(path: path, bytes: try animation.file())
    }
  }

  private mutating func append(_ frames: [PixelImage]) throws {
    for (index, image) in frames.enumerated() where index < animations.count {
      let times = scale ?? PixelImage.usualScale(width: image.width, height: image.height)
      try animations[index].append(image.enlarged(times))
    }
  }
}
