import DiffusionCore

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

  /// No block of the model may take longer than half of this, since a cancellation waits for the one under way and half is
  /// what a machine under load may take more.
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
