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

extension RunRequest {
  /// The same for one image of any seed: what a gallery's images have in common.
  var ofGallery: RunRequest {
    var request = self
    (request.settings.seeds, request.settings.batchSize) = ([0], 1)
    return request
  }
}
