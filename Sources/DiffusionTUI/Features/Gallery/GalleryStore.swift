import DiffusionCore

/// The images of galleries: those that were computed, and those that are being computed.
package struct GalleryImages: Sendable, Equatable {
  package var store = GalleryStore()
  package var batch = GalleryBatch()
}

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

/// The seeds of a gallery that are being computed, and how many to take at a time.
package struct GalleryBatch: Sendable, Equatable {
  /// The number of the request; answers to others are too late.
  package private(set) var job = 0
  /// The seeds; empty while nothing is computed.
  package private(set) var seeds: [Seed] = []
  /// Steps that they have taken, all together.
  package private(set) var completedSteps = 0
  /// Their steps; 0 until it is known.
  package private(set) var stepCount = 0
  /// How many seeds to take next.
  package private(set) var size = 4

  /// No block of the model may take longer than half of this, since a cancellation waits for the one under way and half
  /// is what a machine under load may take more.
  private static let longestWait = Duration.milliseconds(100)
  /// More gain nothing, and their images would come all at once.
  private static let mostSeeds = 16

  package init() {}

  /// Begins with some seeds.
  package mutating func begin(_ seeds: [Seed]) -> Int {
    job += 1
    (self.seeds, completedSteps, stepCount) = (seeds, 0, 0)
    return job
  }

  /// Takes note of an answer to its own request.
  package mutating func advance(_ advance: GalleryAdvance) {
    (seeds, completedSteps, stepCount) = (advance.request.seeds, advance.completedSteps, advance.stepCount)
    if advance.longestBlock > Self.longestWait / 2 {
      size = max(1, size / 2)
    } else if advance.isFinished, advance.longestBlock < Self.longestWait / 5 {
      size = min(Self.mostSeeds, size * 2)
    }
  }

  /// Nothing is computed any more.
  package mutating func stop() { seeds = [] }
}
