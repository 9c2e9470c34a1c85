import DiffusionCore

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
