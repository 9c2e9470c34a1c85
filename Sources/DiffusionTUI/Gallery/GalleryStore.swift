import DiffusionCore

/// The images that were computed, kept while the settings other than the seed stay the same.
package struct GalleryStore: Sendable, Equatable {
  /// What they were computed with.
  package private(set) var run: RunRequest?
  private var images: [Seed: GalleryImage] = [:]
  private var failures: [Seed: String] = [:]

  /// A store of nothing.
  package init() {}

  /// Turns to a model and some settings; with others it forgets everything.
  package mutating func use(_ run: RunRequest) {
    if self.run != run { self = GalleryStore() }
    self.run = run
  }

  /// Takes what was computed, unless it is of other settings.
  package mutating func add(_ advance: GalleryAdvance) {
    guard advance.request.run == run else { return }
    for image in advance.images { images[image.seed] = image }
    for failure in advance.failures { failures[failure.seed] = failure.message }
  }

  /// Lets seeds that failed be tried again.
  package mutating func forgetFailures() { failures = [:] }

  /// The image of a seed; nil while there is none.
  package func image(of seed: Seed) -> GalleryImage? { images[seed] }

  /// Why a seed failed; nil if it did not.
  package func failure(of seed: Seed) -> String? { failures[seed] }

  /// Whether a seed is still to be computed.
  package func isMissing(_ seed: Seed) -> Bool { images[seed] == nil && failures[seed] == nil }
}
