import DiffusionCore

/// The gallery on the whole screen: its title, the images, details of the one under the cursor, and the keys.
package struct GalleryScreen {
  package let state: State

  /// The keys shown in the footer.
  package static func footer(unicode: Bool, entries: GalleryEntries?) -> [FooterKey] {
    let arrows = unicode ? "\u{2190}\u{2191}\u{2193}\u{2192}" : "arrows"
    return [
      FooterKey("Enter", "open", 0), FooterKey(arrows, "move", 4), FooterKey("space", "mark", 2),
      FooterKey("c", "compare", 3), FooterKey("+ -", "size", 6),
      FooterKey("G", "other \(entries?.noun(2) ?? "seeds")", 5),
      FooterKey("Esc", "leave", 1), FooterKey(":", "commands", 8), FooterKey("?", "help", 7),
    ]
  }

  /// The help for keys that have a different meaning here, or only have one here.
  package static let help = [
    ("arrows", "to the next image, row; Home, End, PgUp, PgDn"), ("Enter", "open the image as a run; Esc comes back"),
    ("space", "mark an image, up to \(State.maximumPanes)"), ("c", "compare the marked ones, or add this one"),
    ("+ -", "larger and smaller images"),
    ("G", "other seeds; or prompts, such as gallery pizza | red heart; or classes 0-7"),
    ("Esc", "back to the runs"),
  ]

  package func draw(into frame: inout Frame, look: Look) {
    guard let gallery = state.gallery, frame.size.columns > 0, frame.size.rows > 0 else { return }
    let layout = GalleryLayout(state)
    if let header = layout.header { drawHeader(gallery, layout, into: &frame, in: header, look) }
    for index in layout.page {
      GalleryCell(state: state, layout: layout, index: index).draw(into: &frame, in: layout.part(of: index), look: look)
    }
    if layout.page.isEmpty == false, layout.scale == nil, layout.body.rows > 2, layout.page.count == layout.count {
      let row = layout.body.endRow - 1
      frame.writeCentered("too small for pictures", look[.dim], in: layout.body, row: row)
    }
    if let detail = layout.detail { drawDetail(gallery, into: &frame, in: detail, look) }
    drawStatus(gallery, layout, into: &frame, look)
    drawMessage(layout, into: &frame, look)
    if let footer = layout.footer { FooterView(state: state).draw(into: &frame, in: footer, look: look) }
  }

  /// The number of images completed, out of all, and of those that failed.
  package var progress: String { done + (failures > 0 ? ", \(failures) failed" : "") }

  private var done: String {
    guard let gallery = state.gallery else { return "" }
    let done = gallery.entries.all.count { state.galleryImages.store.image(of: $0) != nil }
    return "\(done) of \(gallery.entries.count)"
  }

  /// The number of images that failed. One that was made before a failure is there.
  private var failures: Int {
    let store = state.galleryImages.store
    return state.gallery?.entries.all.count { store.image(of: $0) == nil && store.failure(of: $0) != nil } ?? 0
  }

  private func drawHeader(
    _ gallery: Gallery, _ layout: GalleryLayout, into frame: inout Frame, in part: Rect, _ look: Look
  ) {
    let end = part.endColumn - 1
    let page = layout.pages > 1 ? "page \(layout.pageNumber)/\(layout.pages)" : nil
    let marks = gallery.marks.isEmpty ? nil : "\(gallery.marks.count) marked"
    let choices = [
      [marks, page, layout.scale?.label, progress], [marks, page, progress], [page, progress], [progress],
    ]
    let lines = choices.map { $0.compactMap { $0 }.joined(separator: "   ") }
    let short = "gallery  \(gallery.label)"
    let prompt = gallery.request.promptTitle(columns: min(48, part.columns - short.columns - progress.columns - 6))
    let titles = [prompt.map { "\(short)  \($0)" } ?? short, short, gallery.label, "gallery"]
    let title = titles.first { $0.columns + progress.columns + 4 <= part.columns } ?? ""
    let right =
      lines.first { $0.columns + title.columns + 4 <= part.columns } ?? (failures > 0 ? "\(failures) failed" : progress)
    let start = max(1, end - right.columns)
    frame.write(title, look.style(.text, adding: .bold), column: 1, row: part.row, end: start - 1)
    let isDone = state.galleryImages.store.image(of: gallery.entry) != nil && state.galleryImages.batch.entries.isEmpty
    frame.write(right, look[isDone ? .good : .accent], endingAt: end, row: part.row, start: start)
    // The failed ones may be on another page.
    let failed = right.hasSuffix(progress) ? progress : right
    if failures > 0 { frame.write(failed, look[.alarm], endingAt: end, row: part.row, start: start) }
  }

  /// Draws the details of the image under the cursor and, on the right, the progress of the computation.
  private func drawDetail(_ gallery: Gallery, into frame: inout Frame, in part: Rect, _ look: Look) {
    var end = part.endColumn - 1
    let batch = state.galleryImages.batch
    if !batch.entries.isEmpty {
      let count = "\(batch.entries.count) \(gallery.entries.noun(batch.entries.count))"
      let text =
        batch.stepCount > 0 ? "\(count), step \(batch.completedSteps)/\(batch.stepCount)" : "\(count), starting"
      frame.write(text, look[.text], endingAt: end, row: part.row, start: part.column)
      end -= text.columns + 2
      let bar = Rect(column: end - 12, row: part.row, columns: 12, rows: 1)
      if bar.column > part.columns / 2 {
        let share = Double(batch.completedSteps) / Double(max(1, batch.stepCount))
        HorizontalBar(share: share, role: .accent).draw(into: &frame, in: bar, look: look, track: true)
        end = bar.column - 2
      }
    }
    var column = 1
    if let failure = state.galleryImages.store.failure(of: gallery.entry), !hasMessage {
      return draw("\(gallery.entry.shortTitle): \(failure)", into: &frame, in: part, end: end, look)
    }
    for word in words(gallery) where column + word.columns <= end {
      column = frame.write(word, look[.dim], column: column, row: part.row, end: end) + 3
    }
  }

  /// Draws why an image failed: with what to do, over as many rows as that takes, at most a third of the images.
  private func draw(_ failure: String, into frame: inout Frame, in part: Rect, end: Int, _ look: Look) {
    let lines = TextWrap(failure, columns: end - 1).lines.prefix(max(1, min(6, part.row / 3)))
    let top = part.row - lines.count + 1
    for (index, line) in lines.enumerated() {
      let row = Rect(column: part.column, row: top + index, columns: part.columns, rows: 1)
      if row.row < part.row { frame.fill(row, Cell(" ", look[.alarm])) }
      frame.write(line, look[.alarm], column: 1, row: row.row, end: end)
    }
  }

  private func words(_ gallery: Gallery) -> [String] {
    let settings = gallery.request.settings
    let image = state.galleryImages.store.image(of: gallery.entry)
    let found =
      image.map {
        [
          "x_t sha256 \($0.sha256.prefix(12))", "image sum \(NumberText.fixed($0.absoluteSum, 3))",
          "image sha256 \($0.imageSHA256.prefix(12))",
        ]
      }
      ?? ["no image yet"]
    let variation = settings.variation.map { _ in ["variation \(Setting.variation.text(of: gallery.request))"] } ?? []
    let blend = settings.promptBlend.map { _ in [Setting.promptBlend.title(of: gallery.request)] } ?? []
    let picture = settings.initImage.map { _ in
      ([Setting.initImage, .strength] + (settings.invert ? [.invert] : [])).map { $0.title(of: gallery.request) }
    }
    let guidance =
      gallery.request(of: gallery.entry).settings.prompts.isEmpty
      ? [] : [Setting.guidanceScale.title(of: gallery.request)]
    let model = state.modelLabel(of: state.focus).map { [$0] } ?? []
    let seed = gallery.entries.haveOneSeed ? [Setting.seeds.title(of: gallery.request)] : []
    return [gallery.entry.shortTitle] + seed + model + found + guidance + blend + ["\(settings.steps) steps"]
      + variation + (picture ?? [])
      + ["eta \(Setting.eta.text(of: gallery.request))"]
  }

  /// Draws the status of the gallery's run on a wide screen; that of the gallery on a narrow one, where it has no other
  /// line.
  private func drawStatus(_ gallery: Gallery, _ layout: GalleryLayout, into frame: inout Frame, _ look: Look) {
    let part = layout.status
    let mark = gallery.marks.contains(gallery.entry) ? "*" : ""
    let done = done.split(separator: " of ").joined(separator: "/")
    let texts = [
      "\(gallery.entry.shortTitle)\(mark)  \(progress)", "\(gallery.entry.shortTitle)\(mark)  \(self.done)",
      "\(gallery.entry.label)\(mark) \(done)",
      "\(gallery.entry.label)\(mark)",
    ]
    let text = texts.first { $0.columns <= part.columns } ?? done
    guard part.columns < 60 else {
      StatusLine(state: state).draw(into: &frame, in: part, look: look)
      return
    }
    frame.fill(part, Cell(" ", look[.barText]))
    frame.write(text, look.style(.barText, adding: .bold), column: 0, row: part.row, end: part.endColumn)
  }

  private var hasMessage: Bool {
    let hasNews = state.news != nil || state.exportTask != nil
    return state.editor != nil || state.variationEditor != nil || state.notice != nil || hasNews
  }

  /// Draws a setting being edited, or a message: on the detail line, or above the status where there is none.
  private func drawMessage(_ layout: GalleryLayout, into frame: inout Frame, _ look: Look) {
    guard hasMessage else { return }
    var lines = Layout(
      size: frame.size, pixels: state.galleryPixels, renderer: state.shownRenderer.renderer, statusLines: 1)
    lines.settings = layout.detail
    lines.status = layout.status
    MessageLine(state: state, layout: lines).draw(into: &frame, look: look)
  }
}

extension Gallery {
  /// What it shows, for headings.
  package var label: String {
    entries.haveOneSeed ? "\(entries.label), \(Setting.seeds.title(of: request))" : entries.label
  }
}

extension GalleryEntry {
  /// The entry in a line of a screen.
  package var shortTitle: String {
    if case .prompt(let prompt) = self { "\"\(prompt.shortened(columns: 36))\"" } else { title }
  }
}
