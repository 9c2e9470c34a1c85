import DiffusionCore

/// The gallery: opening, computing, leaving.
extension State {
  /// Whether the focused run was opened from the gallery, so that Esc goes back to it.
  package var returnsToGallery: Bool {
    guard let gallery, gallery.isBehind, !isInGallery, let seed = pane.latestSettings.seeds.first else { return false }
    return gallery.range.index(of: seed) != nil && pane.latestRequest == gallery.request(of: seed)
  }

  /// Shows the gallery of some seeds, of those that were shown last, or of those from the focused run's on; it takes up
  /// what was computed with the same settings. Everything that runs is stopped where it is.
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

  /// Turns a gallery that is shown to the focused run's settings, where these have changed.
  mutating func followSettings() -> [Effect] {
    guard let gallery, isInGallery, gallery.request != pane.latestRequest.ofGallery else { return [] }
    let request = pane.latestRequest.ofGallery
    self.gallery?.request = request
    galleryImages.store.use(request)
    return stopDeveloping() + develop()
  }

  /// Takes the gallery off the screen and stops computing it. What is finished stays.
  ///
  /// - Parameter isBehind: Whether Esc comes back to it.
  mutating func hideGallery(isBehind: Bool = false) -> [Effect] {
    close(.gallery)
    gallery?.isBehind = isBehind
    return stopDeveloping()
  }

  /// Leaves the gallery for a command that is for the runs; nil where the gallery stays.
  mutating func leaveGallery(for request: CommandRequest) -> [Effect]? {
    guard isInGallery else { return nil }
    switch request {
    case .move, .go, .view, .speed: return hideGallery()
    case .action, .set, .renderer, .theme, .gallery, .lesson, .export, .mouse: return nil
    }
  }

  /// Takes what was computed. It is kept even if the gallery was left meanwhile; what was asked for before is told from
  /// what is computed now by its number.
  mutating func galleryAdvanced(_ advance: GalleryAdvance) -> [Effect] {
    galleryImages.store.add(advance)
    guard advance.request.job == galleryImages.batch.job, !galleryImages.batch.seeds.isEmpty else { return [] }
    galleryImages.batch.advance(advance)
    return galleryImages.batch.seeds.isEmpty ? develop() : []
  }

  /// Asks for the next images: those on the screen first, then those after them, then those before.
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

  /// Goes on with a gallery that is put back as it was.
  mutating func resumeGallery() -> [Effect] {
    guard let gallery else { return [] }
    galleryImages.store.use(gallery.request)
    return develop()
  }

  /// Stops computing images; those that are finished stay.
  mutating func stopDeveloping() -> [Effect] {
    guard !galleryImages.batch.seeds.isEmpty else { return [] }
    galleryImages.batch.stop()
    return [.gallery(.stop)]
  }
}
