import DiffusionCore

/// The gallery: opening, computing, leaving.
extension State {
  /// Whether the focused run was opened from the gallery, so that Esc returns to it.
  package var returnsToGallery: Bool {
    guard let gallery, gallery.isBehind, !isInGallery, let seed = pane.latestSettings.seeds.first else { return false }
    return gallery.range.index(of: seed) != nil && pane.latestRequest == gallery.request(of: seed)
  }

  /// Opens the gallery of some seeds, of those shown last, or of those from the focused run's on; reuses images
  /// computed with the same settings. Stops everything that is running.
  package mutating func openGallery(_ range: SeedRange? = nil) -> [Effect] {
    open(.gallery)
    playback.isPlaying = false
    let effects = stop(Array(panes.indices))
    let seed = pane.latestSettings.seeds.first ?? 0
    let request = pane.latestRequest.ofGallery
    if var former = gallery, range == nil || range == former.range {
      former.request = request
      former.isBehind = false
      if let index = former.range.index(of: seed) { former.move(to: index) }
      gallery = former
    } else {
      gallery = Gallery(range ?? SeedRange(first: seed), request: request, at: seed)
    }
    galleryImages.store.use(request)
    galleryImages.store.forgetFailures()
    return effects + stopDeveloping() + develop()
  }

  /// Updates an open gallery to the focused run's settings, if they have changed.
  mutating func followSettings() -> [Effect] {
    guard let gallery, isInGallery, gallery.request != pane.latestRequest.ofGallery else { return [] }
    let request = pane.latestRequest.ofGallery
    self.gallery?.request = request
    galleryImages.store.use(request)
    return stopDeveloping() + develop()
  }

  /// Hides the gallery and stops computing it. Finished images are kept.
  ///
  /// - Parameter isBehind: Whether Esc returns to it.
  mutating func hideGallery(isBehind: Bool = false) -> [Effect] {
    close(.gallery)
    gallery?.isBehind = isBehind
    return stopDeveloping()
  }

  /// Leaves the gallery for a command that applies to the runs; nil if the gallery stays open.
  mutating func leaveGallery(for request: CommandRequest) -> [Effect]? {
    guard isInGallery else { return nil }
    switch request {
    case .move, .go, .view, .speed: return hideGallery()
    case .action, .set, .renderer, .theme, .gallery, .lesson, .export, .mouse: return nil
    }
  }

  /// Records computed images, even if the gallery has been closed since. The job number distinguishes answers to
  /// earlier requests from those to the current one.
  mutating func galleryAdvanced(_ advance: GalleryAdvance) -> [Effect] {
    galleryImages.store.add(advance)
    guard advance.request.job == galleryImages.batch.job, !galleryImages.batch.seeds.isEmpty else { return [] }
    galleryImages.batch.advance(advance)
    return galleryImages.batch.seeds.isEmpty ? develop() : []
  }

  /// Requests the next images: those on the screen first, then those after them, then those before.
  mutating func develop() -> [Effect] {
    guard let gallery, isInGallery, galleryImages.batch.seeds.isEmpty else { return [] }
    let page = GalleryLayout(self).page
    let order = Array(page.lowerBound..<gallery.range.count) + Array(0..<page.lowerBound)
    let missing = order.map { gallery.seed(at: $0) }.filter { galleryImages.store.isMissing($0) }
    let seeds = Array(missing.prefix(galleryImages.batch.size))
    guard !seeds.isEmpty else { return [] }
    let job = galleryImages.batch.begin(seeds)
    return [.gallery(.develop(GalleryRequest(job: job, run: gallery.request, seeds: seeds)))]
  }

  /// Resumes a gallery that was restored.
  mutating func resumeGallery() -> [Effect] {
    guard let gallery else { return [] }
    galleryImages.store.use(gallery.request)
    return develop()
  }

  /// Stops computing images; finished ones are kept.
  mutating func stopDeveloping() -> [Effect] {
    guard !galleryImages.batch.seeds.isEmpty else { return [] }
    galleryImages.batch.stop()
    return [.gallery(.stop)]
  }
}
