import DiffusionCore

/// The images of galleries: those computed, and those being computed.
package struct GalleryImages: Sendable, Equatable {
  package var store = GalleryStore()
  package var batch = GalleryBatch()
}

/// The computed images, kept while the settings that they share stay the same.
package struct GalleryStore: Sendable, Equatable {
  /// The request they were computed with.
  package private(set) var run: RunRequest?
  private var images: [GalleryEntry: GalleryImage] = [:]
  private var failures: [GalleryEntry: String] = [:]

  /// Creates an empty store.
  package init() {}

  /// Switches to a model and settings; clears the store if they differ.
  package mutating func use(_ run: RunRequest) {
    if self.run != run { self = GalleryStore() }
    self.run = run
  }

  /// Adds computed images, unless they have other settings.
  package mutating func add(_ advance: GalleryAdvance) {
    guard advance.request.run == run else { return }
    for image in advance.images { images[image.entry] = image }
    for failure in advance.failures { failures[failure.entry] = failure.message }
  }

  /// Clears the failures, so that their entries are tried again.
  package mutating func forgetFailures() { failures = [:] }

  /// The image of an entry; nil if there is none yet.
  package func image(of entry: GalleryEntry) -> GalleryImage? { images[entry] }

  /// Why an entry failed; nil if it did not.
  package func failure(of entry: GalleryEntry) -> String? { failures[entry] }

  /// Whether an entry has yet to be computed.
  package func isMissing(_ entry: GalleryEntry) -> Bool { images[entry] == nil && failures[entry] == nil }
}

/// The entries of a gallery that are being computed, and the size of the next batch.
package struct GalleryBatch: Sendable, Equatable {
  /// The number of the current request; answers to other requests are stale.
  package private(set) var job = 0
  /// The entries; empty while nothing is being computed.
  package private(set) var entries: [GalleryEntry] = []
  /// The number of steps completed, over all entries.
  package private(set) var completedSteps = 0
  /// The number of steps in all; 0 until it is known.
  package private(set) var stepCount = 0
  /// The number of entries in the next batch.
  package private(set) var size = 4

  /// The longest acceptable wait for a cancellation, which waits for the current block of the model. A block may take
  /// only half of this; the other half is headroom for a machine under load.
  private static let longestWait = Duration.milliseconds(100)
  /// The largest batch. A larger one gains nothing, and all its images would arrive at once.
  private static let most = 16

  package init() {}

  /// Starts computing some entries.
  package mutating func begin(_ entries: [GalleryEntry]) -> Int {
    job += 1
    (self.entries, completedSteps, stepCount) = (entries, 0, 0)
    return job
  }

  /// Records an answer to the current request.
  package mutating func advance(_ advance: GalleryAdvance) {
    (entries, completedSteps, stepCount) = (advance.request.entries, advance.completedSteps, advance.stepCount)
    if advance.longestBlock > Self.longestWait / 2 {
      size = max(1, size / 2)
    } else if advance.isFinished, advance.longestBlock < Self.longestWait / 5 {
      size = min(Self.most, size * 2)
    }
  }

  /// Marks the computation as stopped.
  package mutating func stop() { entries = [] }
}
