import DiffusionCore

/// A request for the final images of some entries of a gallery.
public struct GalleryRequest: Sendable, Equatable {
  /// The number that identifies its answers.
  package let job: Int
  /// The request that all images share.
  package let run: RunRequest
  /// The entries, which are stepped together.
  package var entries: [GalleryEntry]

  /// Creates a request for some entries.
  public init(job: Int, run: RunRequest, entries: [GalleryEntry]) {
    (self.job, self.run, self.entries) = (job, run, entries)
  }
}

/// A side effect that the gallery requests.
public enum GalleryEffect: Sendable, Equatable {
  /// Compute every step of these entries, in place of those requested before. Answers `galleryAdvanced` after each
  /// step.
  case develop(GalleryRequest)
  /// Stop before the next block of the model. The steps computed so far are kept for when the entries are requested
  /// again.
  case stop
}

/// The final image of an entry. It is created where it is computed, so that the screen only has to draw it.
public struct GalleryImage: Sendable, Equatable {
  /// The entry.
  public let entry: GalleryEntry
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
  ///   - entry: The entry.
  ///   - lastStep: The last step of the run.
  ///   - images: Its images, `[batch, height, width, channels]` in [0, 1].
  ///   - isDecoded: Whether they are decoded from latents.
  public init(entry: GalleryEntry, lastStep: DenoisingStep, images: Tensor<Float>, isDecoded: Bool = false) {
    let statistics = StepStatistics(of: lastStep, images: images)
    self.entry = entry
    sample = lastStep.prevSample
    sha256 = statistics.prevSample.sha256
    imageSHA256 = statistics.imageSHA256 ?? ""
    absoluteSum = statistics.imageAbsoluteSum ?? 0
    decoded = isDecoded ? DecodedImage(images) : nil
    picture = decoded.map { Picture(of: $0.planes, range: .unit) } ?? Picture(of: lastStep.prevSample)
  }
}

/// The result of one step of a gallery's entries.
public struct GalleryAdvance: Sendable, Equatable {
  /// An entry whose image failed, and why.
  public struct Failure: Sendable, Equatable {
    package let entry: GalleryEntry
    /// The reason, in one line.
    package let message: String

    package init(entry: GalleryEntry, message: String) { (self.entry, self.message) = (entry, message) }
  }

  /// The request; its entries are those not yet finished.
  public package(set) var request: GalleryRequest
  /// The images that are finished.
  public package(set) var images: [GalleryImage] = []
  /// The entries that failed.
  public package(set) var failures: [Failure] = []
  /// The number of steps completed by the slowest entry.
  package var completedSteps = 0
  /// The number of steps of that entry.
  package var stepCount = 0
  /// The longest time from one block of the model to the next, which is the longest that a key has to wait.
  package var longestBlock = Duration.zero

  /// Creates an empty result.
  package init(_ request: GalleryRequest) { self.request = request }

  /// Whether every entry has its image or has failed.
  package var isFinished: Bool { request.entries.isEmpty }
}
