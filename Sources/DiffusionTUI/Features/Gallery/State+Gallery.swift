import DiffusionCore

/// The gallery: opening, computing, leaving.
extension State {
  /// Whether the focused run was opened from the gallery, so that Esc returns to it.
  package var returnsToGallery: Bool {
    guard let gallery, gallery.isBehind, !isInGallery else { return false }
    let entry = gallery.entries.entry(of: pane.latestRequest)
    return gallery.entries.index(of: entry) != nil && pane.latestRequest == gallery.request(of: entry)
  }

  /// Opens the gallery of some seeds, prompts or classes, of those shown last, or of the seeds from the focused run's
  /// on; reuses images computed with the same settings. Stops everything that is running.
  package mutating func openGallery(_ wanted: GalleryEntries? = nil) -> [Effect] {
    var entries = wanted
    if case .prompts(let prompts) = wanted {
      guard let own = promptEntries(prompts) else { return [] }
      entries = own
    }
    if case .classes = wanted, let reason = reasonAgainst(.classLabels) {
      notice = reason
      return []
    }
    open(.gallery)
    playback.isPlaying = false
    let effects = stop(Array(panes.indices))
    let latest = pane.latestRequest
    if var former = gallery, entries == nil || entries == former.entries {
      former.request = former.entries.shared(latest)
      former.isBehind = false
      if let index = former.entries.index(of: former.entries.entry(of: latest)) { former.move(to: index) }
      gallery = former
    } else {
      let entries = entries ?? .seeds(SeedRange(first: latest.settings.seeds.first ?? 0))
      gallery = Gallery(entries, request: entries.shared(latest), at: entries.entry(of: latest))
    }
    if let gallery { galleryImages.store.use(gallery.request) }
    galleryImages.store.forgetFailures()
    return effects + stopDeveloping() + develop()
  }

  /// Prompts to show; if there are none, those of the focused run, or of the session. Nil, with a notice, for a model
  /// that takes no prompt, and if there are none at all.
  private mutating func promptEntries(_ prompts: [String]) -> GalleryEntries? {
    if let reason = reasonAgainst(.prompt) {
      notice = reason
      return nil
    }
    let run = pane.latestSettings.prompts
    let found = prompts.isEmpty ? run.count > 1 ? run : promptHistory.prompts : prompts
    let entries = GalleryEntries.prompts(GalleryEntries.unique(found))
    guard entries.count > 0 else {
      notice = "there are no prompts yet: give some, such as gallery pizza | red heart"
      return nil
    }
    return entries
  }

  /// Updates an open gallery to the focused run's settings, if they have changed.
  mutating func followSettings() -> [Effect] {
    guard let gallery, isInGallery else { return [] }
    let request = gallery.entries.shared(pane.latestRequest)
    guard gallery.request != request else { return [] }
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
    guard advance.request.job == galleryImages.batch.job, !galleryImages.batch.entries.isEmpty else { return [] }
    galleryImages.batch.advance(advance)
    return galleryImages.batch.entries.isEmpty ? develop() : []
  }

  /// Requests the next images: those on the screen first, then those after them, then those before.
  mutating func develop() -> [Effect] {
    guard let gallery, isInGallery, galleryImages.batch.entries.isEmpty else { return [] }
    let page = GalleryLayout(self).page
    let order = Array(page.lowerBound..<gallery.entries.count) + Array(0..<page.lowerBound)
    let missing = order.map { gallery.entries[$0] }.filter { galleryImages.store.isMissing($0) }
    let entries = Array(missing.prefix(galleryImages.batch.size))
    guard !entries.isEmpty else { return [] }
    let job = galleryImages.batch.begin(entries)
    return [.gallery(.develop(GalleryRequest(job: job, run: gallery.request, entries: entries)))]
  }

  /// Resumes a gallery that was restored.
  mutating func resumeGallery() -> [Effect] {
    guard let gallery else { return [] }
    galleryImages.store.use(gallery.request)
    return develop()
  }

  /// Stops computing images; finished ones are kept.
  mutating func stopDeveloping() -> [Effect] {
    guard !galleryImages.batch.entries.isEmpty else { return [] }
    galleryImages.batch.stop()
    return [.gallery(.stop)]
  }
}
