import DiffusionCore

/// A request for the final images of some seeds.
public struct GalleryRequest: Sendable, Equatable {
  /// The number that identifies its answers.
  package let job: Int
  /// The request for every seed; its own seed is ignored.
  package let run: RunRequest
  /// The seeds, which are stepped together.
  package var seeds: [Seed]

  /// Creates a request for some seeds.
  public init(job: Int, run: RunRequest, seeds: [Seed]) {
    self.job = job
    self.run = run
    self.seeds = seeds
  }
}

/// A side effect that the gallery requests.
public enum GalleryEffect: Sendable, Equatable {
  /// Compute every step of these seeds, in place of those requested before. Answers `galleryAdvanced` after each step.
  case develop(GalleryRequest)
  /// Stop before the next block of the model. The steps computed so far are kept for when the seeds are requested
  /// again.
  case stop
}

/// The final image of a seed. It is created where it is computed, so that the screen only has to draw it.
public struct GalleryImage: Sendable, Equatable {
  /// The seed.
  public let seed: Seed
  /// The last sample, `[1, channels, height, width]`.
  package let sample: Tensor<Float>
  /// The SHA-256 of the last sample, the same as when the run is shown alone.
  public let sha256: String
  /// The SHA-256 of the image in [0, 1], the same as `generate` prints.
  package let imageSHA256: String
  /// `np.abs(image).sum()` of the image in [0, 1].
  package let absoluteSum: Double
  /// The image that a decoder made of the last sample; nil if that is an image itself.
  package let decoded: DecodedImage?
  /// Its pixels; nil for a sample that is not an image.
  package let picture: Picture?

  /// Measures and renders the result of a run's last step. This takes a while: do not call it on the terminal's thread.
  ///
  /// - Parameters:
  ///   - seed: The seed.
  ///   - lastStep: The last step of the run.
  ///   - images: Its images, `[batch, height, width, channels]` in [0, 1].
  ///   - isDecoded: Whether they are decoded from latents.
  public init(seed: Seed, lastStep: DenoisingStep, images: Tensor<Float>, isDecoded: Bool = false) {
    let statistics = StepStatistics(of: lastStep, images: images)
    self.seed = seed
    sample = lastStep.prevSample
    sha256 = statistics.prevSample.sha256
    imageSHA256 = statistics.imageSHA256 ?? ""
    absoluteSum = statistics.imageAbsoluteSum ?? 0
    decoded = isDecoded ? DecodedImage(images) : nil
    picture = decoded.map { Picture(of: $0.planes, range: .unit) } ?? Picture(of: lastStep.prevSample)
  }
}

/// The result of one step of a gallery's seeds.
public struct GalleryAdvance: Sendable, Equatable {
  /// A seed whose image failed, and why.
  public struct Failure: Sendable, Equatable {
    package let seed: Seed
    /// The reason, in one line.
    package let message: String
  }

  /// The request; its seeds are those not yet finished.
  public package(set) var request: GalleryRequest
  /// The images that are finished.
  public package(set) var images: [GalleryImage] = []
  /// The seeds that failed.
  public package(set) var failures: [Failure] = []
  /// The number of steps completed by the slowest seed.
  package var completedSteps = 0
  /// The number of steps of that seed.
  package var stepCount = 0
  /// The longest time from one block of the model to the next, which is the longest that a key has to wait.
  package var longestBlock = Duration.zero

  /// Creates an empty result.
  package init(_ request: GalleryRequest) { self.request = request }

  /// Whether every seed has its image or has failed.
  package var isFinished: Bool { request.seeds.isEmpty }
}
extension RunRequest {
  /// The request that all images of a gallery share: for one image of any seed.
  var ofGallery: RunRequest {
    var request = self
    (request.settings.seeds, request.settings.batchSize) = ([0], 1)
    request.settings.prompts = Array(request.settings.prompts.prefix(1))
    return request
  }
}
