import DiffusionCore
import DiffusionTUI

/// The pictures of a run's samples at one size, that of its largest ones. Smaller ones, of earlier stages, are enlarged
/// by whole factors and stand in the middle; an embedding has no picture.
struct SamplePictures {
  /// The size of a picture in pixels; 0 for a run without pictures.
  let width: Int, height: Int
  /// The largest number of pictures: that of each step, and of each noise that a stage begins with.
  let count: Int
  private let latents: LatentFormat?
  /// The shape of the sample before the next step.
  private var shape: [Int]

  /// Creates the pictures of a run.
  init(of run: some SteppableRun) {
    latents = run.latents
    shape = run.initialSample.shape
    let whole = StageSteps(name: "", steps: run.schedule.indices, sampleShape: Array(shape.dropFirst()))
    let stages = (run.stages.isEmpty ? [whole] : run.stages).filter { $0.sampleShape.count == 3 }
    let scale = latents?.scale ?? 1
    width = (stages.map { $0.sampleShape[2] }.max() ?? 0) * scale
    height = (stages.map { $0.sampleShape[1] }.max() ?? 0) * scale
    // A stage goes on with the sample of the one before, or begins with noise of another size.
    let noises = stages.indices.count { $0 == 0 || stages[$0].sampleShape != stages[$0 - 1].sampleShape }
    count = noises + stages.reduce(0) { $0 + $1.steps.clamped(to: run.schedule.indices).count }
  }

  /// The error of a file that would have no picture.
  static func absence(_ path: String) -> DiffusionError {
    DiffusionError(.usage, "\(path): the steps so far have no picture: they make an embedding; go on first")
  }

  /// Each image of a batch, `[batch, channels, height, width]`; none of an embedding.
  func images(_ tensor: Tensor<Float>) -> [PixelImage] {
    PixelImage.batch(tensor, latents: latents).map { $0.fitted(width: width, height: height) }
  }

  /// Each image that a decoder made.
  func images(decoded images: Tensor<Float>) -> [PixelImage] {
    PixelImage.batch(decoded: images).map { $0.fitted(width: width, height: height) }
  }

  /// The noise that a stage begins with, where a step is its first; none for other steps.
  mutating func noise(before step: DenoisingStep) -> [PixelImage] {
    defer { shape = step.prevSample.shape }
    return step.sample.shape == shape ? [] : images(step.sample)
  }
}

extension PixelImage {
  /// The image in the middle of a larger one, enlarged by the largest whole factor that fits.
  func fitted(width: Int, height: Int) -> PixelImage {
    guard (self.width, self.height) != (width, height), self.width <= width, self.height <= height else { return self }
    let scale = max(1, min(width / max(1, self.width), height / max(1, self.height)))
    var image = PixelImage(width: width, height: height)
    image.draw(
      self, column: (width - self.width * scale) / 2, row: (height - self.height * scale) / 2, scale: scale)
    return image
  }
}
