/// What the gallery asks of the world.
public enum GalleryEffect: Sendable, Equatable {
  /// Take every step of these seeds, instead of those asked for before. Answers `galleryAdvanced` after each.
  case develop(GalleryRequest)
  /// Stop before the next block of the model. The steps that were taken are kept for when the seeds are asked for again.
  case stop
}
