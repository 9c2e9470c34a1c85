import DiffusionCore

/// A page to hand out: pictures with captions, what they have in common, and the texts of a lesson.
public struct Handout: Sendable, Equatable {
  /// A SHA-256 of a tensor's bytes, by its name.
  public struct Hash: Sendable, Equatable {
    /// `sha256 of x_t`.
    package let name: String
    /// 64 hexadecimal digits.
    package let sha256: String
  }

  /// A picture with its caption.
  public struct Figure: Sendable, Equatable {
    /// The picture.
    package let picture: Picture
    /// What tells it from the others, and where its run stands; a line each.
    package let caption: [String]
    /// The hashes of what is pictured, by their names: `sha256 of x_t`, and of a finished run `image sha256`, which the
    /// command that computes it again prints.
    package let hashes: [Hash]
    /// The request that computes it again.
    package let request: RunRequest
  }

  /// The heading.
  package let title: String
  /// The settings that all figures share, and the engine's version.
  package let shared: [String]
  /// The texts of a lesson, step by step; empty without one.
  package let paragraphs: [String]
  /// The figures, at least one.
  package let figures: [Figure]
  /// What is missing, in one line; nil if nothing is.
  package let missing: String?

  /// The commands that compute the figures again, without repetitions.
  package func commands(_ commandLine: (RunRequest) -> String) -> [String] {
    figures.map { commandLine($0.request) }.reduce(into: []) { lines, line in
      if !lines.contains(line) { lines.append(line) }
    }
  }
}

/// Handouts of what is open.
extension State {
  /// The images of the open gallery that are finished, or the runs side by side; nil if there is no picture yet.
  package var handout: Handout? {
    if isInGallery, let gallery { return handout(of: gallery) }
    let figures = panes.indices.flatMap { self.figures(of: $0) }
    guard !figures.isEmpty else { return nil }
    let waiting = panes.filter { $0.run?.tensor(view, at: $0.position) == nil }.count
    return Handout(
      title: lesson?.lesson.title ?? (isComparing ? "\(panes.count) runs side by side" : "A run, step by step"),
      shared: sharedTitles(of: panes.map(\.request), run: panes.compactMap(\.run?.description)) + [engineTitle],
      paragraphs: lesson?.steps.map { $0.paragraphs.joined(separator: " ") } ?? [], figures: figures,
      missing: waiting == 0 ? nil : "\(waiting) of \(panes.count) runs have no \(view.label) yet.")
  }

  /// Whether there is a picture to hand out.
  var hasHandout: Bool {
    if isInGallery, let gallery {
      return gallery.entries.all.contains { galleryImages.store.image(of: $0)?.picture != nil }
    }
    return panes.indices.contains { picturedTensor(of: $0)?.shape.count == 4 }
  }

  private var engineTitle: String { "engine \(EngineVersion.current)" }

  private func handout(of gallery: Gallery) -> Handout? {
    let images = gallery.entries.all.compactMap { galleryImages.store.image(of: $0) }
    let figures = images.compactMap { image in
      image.picture.map { picture in
        Handout.Figure(
          picture: picture, caption: [image.entry.title] + (image.decoded == nil ? [] : ["decoded"]),
          hashes: [
            Handout.Hash(name: "sha256 of x_t", sha256: image.sha256),
            Handout.Hash(name: "image sha256", sha256: image.imageSHA256),
          ], request: gallery.request(of: image.entry))
      }
    }
    guard !figures.isEmpty else { return nil }
    let missing = gallery.entries.count - figures.count
    return Handout(
      title: "Gallery of \(gallery.label)",
      // Runs with the gallery's settings know the scheduler that it takes.
      shared: sharedTitles(
        of: figures.map(\.request),
        run: panes.compactMap(\.run?.description).filter { gallery.entries.shared($0.request) == gallery.request }) + [
          engineTitle
        ],
      paragraphs: [], figures: figures,
      missing: missing == 0
        ? nil : "\(missing) of \(gallery.entries.count) \(gallery.entries.noun(2)) have no image yet.")
  }

  /// The figures of a pane: one for each image of its batch; none without a tensor to show.
  private func figures(of index: Int) -> [Handout.Figure] {
    let pane = panes[index]
    guard let run = pane.run, let tensor = picturedTensor(of: index),
      let sha256 = run.statistics(view, at: pane.position)?.sha256
    else { return [] }
    let images = tensor.shape.first ?? 1, all = images > 1 ? " of all \(images) images" : ""
    let last = pane.position == pane.stepCount ? run.history.last?.statistics.imageSHA256 : nil
    let hashes =
      [Handout.Hash(name: "sha256 of \(view.label)\(all)", sha256: sha256)]
      + (last.map { [Handout.Hash(name: images > 1 ? "images sha256" : "image sha256", sha256: $0)] } ?? [])
    let alarm = pane.alarm.map { [$0.text()] } ?? []
    return (0..<images).compactMap { image in
      guard let picture = picture(of: tensor, image: image, in: index) else { return nil }
      let part = images > 1 ? ["image \(image + 1) of \(images)"] : []
      return Handout.Figure(
        picture: picture, caption: caption(of: index) + alarm + part, hashes: hashes, request: run.description.request)
    }
  }

  private func picture(of tensor: Tensor<Float>, image: Int, in index: Int) -> Picture? {
    // A difference of equal runs would be one colour: the picture itself says more.
    guard showsDifference(in: index), panes[index].equality == nil else {
      let pictured = panes[index].run?.pictured(view, at: panes[index].position, channel: nil)
      return pictured.flatMap { Picture(of: $0.tensor, image: image, range: $0.range) }
    }
    return DifferencePicture(of: tensor, image: image, scale: inspection.differenceScale)?.picture(tier: .trueColor)
  }

  private func caption(of index: Int) -> [String] {
    let pane = panes[index], requests = panes.map(\.request)
    let differing = Setting.all.filter { setting in
      setting != .seeds && Set(requests.map { setting.title(of: $0) }).count > 1
    }
    let titles = ([.seeds] + differing).map { $0.title(of: pane.request) }.joined(separator: ", ")
    let kind = showsDifference(in: index) && pane.equality == nil ? nil : pictureKind(of: index, channel: nil)
    let place = ["\(view.label), step \(pane.position) of \(pane.stepCount)", kind].compactMap { $0 }
      .joined(separator: ", ")
    let comparison = isComparing && index != compare.reference ? comparison(of: index) : nil
    return [isComparing ? "run \(index + 1): \(titles)" : titles, place] + (comparison.map { [$0] } ?? [])
  }

  private func comparison(of index: Int) -> String? {
    let reference = "run \(compare.reference + 1)"
    if showsDifference(in: index), let equality = panes[index].equality {
      return equality == .bits
        ? "equal to \(reference): every bit is the same"
        : "equal to \(reference) in every value; some bits differ, as in 0 and -0"
    }
    if showsDifference(in: index) { return "minus \(reference), colours end at \(inspection.differenceScale.label)" }
    guard let divergence = panes[index].divergence else { return nil }
    switch divergence.first {
    case nil: return "the same bits as \(reference)"
    case 0: return "another start than \(reference)"
    case let step?: return "differs from \(reference) at step \(step)"
    }
  }

  /// The settings that requests share: those that decide every result, and others that are not usual.
  ///
  /// - Parameters:
  ///   - requests: The requests.
  ///   - runs: Runs of them, which know the scheduler where no setting names it.
  private func sharedTitles(of requests: [RunRequest], run runs: [RunDescription]) -> [String] {
    guard let first = requests.first else { return [] }
    let always: [Setting] = [.model, .steps, .eta]
    let schedulers = Set(runs.map(\.scheduler.name))
    let shared = Setting.all.filter { setting in
      (setting != .scheduler || schedulers.isEmpty) && setting.decidesResult
        && (always.contains(setting) || !setting.isUsual(in: first))
        && requests.allSatisfy { setting.value(of: $0) == setting.value(of: first) }
    }
    // A file may change: its digest says which picture it was.
    let pictures = Set(runs.compactMap(\.picture?.sha256)).map { "picture sha256 \($0)" }
    return shared.map { $0.title(of: first) } + (schedulers.count == 1 ? Array(schedulers) : [])
      + (pictures.count == 1 ? pictures : [])
  }
}
