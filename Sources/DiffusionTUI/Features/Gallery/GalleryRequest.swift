import DiffusionCore

/// Some seeds whose final images are wanted.
public struct GalleryRequest: Sendable, Equatable {
  /// A number that the answers bear.
  package let job: Int
  /// What every seed runs with; its own seed is not looked at.
  package let run: RunRequest
  /// The seeds, which take their steps together.
  package var seeds: [Seed]

  /// Asks for some seeds.
  public init(job: Int, run: RunRequest, seeds: [Seed]) {
    self.job = job
    self.run = run
    self.seeds = seeds
  }
}

/// What the gallery asks of the world.
public enum GalleryEffect: Sendable, Equatable {
  /// Take every step of these seeds, instead of those asked for before. Answers `galleryAdvanced` after each.
  case develop(GalleryRequest)
  /// Stop before the next block of the model. The steps that were taken are kept for when the seeds are asked for
  /// again.
  case stop
}

/// The final image of a seed. Made where it is computed, so that the screen has only to draw it.
public struct GalleryImage: Sendable, Equatable {
  /// The seed.
  public let seed: Seed
  /// The SHA-256 of the last sample, as the run alone shows it.
  public let sha256: String
  /// `np.abs(image).sum()` of the image in [0, 1].
  package let absoluteSum: Double
  /// Its pixels; nil for a sample that is no image.
  package let picture: Picture?

  /// Measures and draws what the last step of a run has made, which takes a while: not for the terminal's thread.
  ///
  /// - Parameter images: What it decodes to, `[batch, height, width, channels]` in [0, 1].
  public init(seed: Seed, lastStep: DenoisingStep, images: Tensor<Float>) {
    let statistics = StepStatistics(of: lastStep, images: images)
    self.seed = seed
    sha256 = statistics.prevSample.sha256
    absoluteSum = statistics.imageAbsoluteSum ?? 0
    picture = Picture(of: lastStep.prevSample)
  }
}

/// What one step of a gallery's seeds came to.
public struct GalleryAdvance: Sendable, Equatable {
  /// A seed that has no image, and why.
  public struct Failure: Sendable, Equatable {
    package let seed: Seed
    /// Why, in one line.
    package let message: String
  }

  /// What was asked for; the seeds are those that are still to be gone on with.
  public package(set) var request: GalleryRequest
  /// The images that are finished.
  public package(set) var images: [GalleryImage] = []
  /// The seeds that failed.
  public package(set) var failures: [Failure] = []
  /// Steps that the slowest of the seeds has taken.
  package var completedSteps = 0
  /// Its steps.
  package var stepCount = 0
  /// The longest time from one block of the model to the next: what a key would have waited for.
  package var longestBlock = Duration.zero

  /// Nothing yet.
  package init(_ request: GalleryRequest) { self.request = request }

  /// Whether every seed has its image, or failed.
  package var isFinished: Bool { request.seeds.isEmpty }
}
extension RunRequest {
  /// The same for one image of any seed: what a gallery's images have in common.
  var ofGallery: RunRequest {
    var request = self
    (request.settings.seeds, request.settings.batchSize) = ([0], 1)
    return request
  }
}
