import DiffusionCore

/// A run as it is asked for: of which model, and with which settings.
public struct RunRequest: Sendable, Equatable {
  /// The model.
  public var model: ModelReference
  /// Everything else that decides its result, and who computes.
  public var settings: RunSettings

  /// Describes a run; of the demo model unless another is named.
  public init(model: ModelReference = .demo, settings: RunSettings) {
    (self.model, self.settings) = (model, settings)
  }

  /// The same for one image of any seed: what a gallery's images have in common.
  var ofGallery: RunRequest {
    var request = self
    (request.settings.seeds, request.settings.batchSize) = ([0], 1)
    return request
  }
}
