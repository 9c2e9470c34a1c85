import DiffusionCore

/// Saving a run: as files, and as the command line that reproduces it.
extension State {
  /// Handles a key press while the menu is open.
  mutating func press(_ key: Key, in open: ExportMenu) -> [Effect] {
    var menu = open
    let outcome = menu.press(key)
    update(.exports(menu))
    switch outcome {
    case .open: return []
    case .closed: close(.exports)
    case .name(let kind):
      if let reason = reasonAgainst(kind) {
        // The keys that the reason names must reach the runs.
        close(.exports)
        notice = reason
      } else {
        menu.propose(proposedName(of: kind), for: kind)
        update(.exports(menu))
      }
    case .write(let kind, let name, let collision): return write(kind, to: name, collision)
    }
    return []
  }

  /// Writes a file for the palette, with the proposed name if none is given.
  mutating func export(_ kind: ExportKind, to name: String?) -> [Effect] {
    write(kind, to: name ?? proposedName(of: kind), name == nil ? .number : .refuse)
  }

  /// The default name of a file: from the run's model, if there are several, its seed and steps, and the contents.
  package func proposedName(of kind: ExportKind) -> String {
    let settings = kept.settings
    let seed = settings.seeds.first.map(\.description) ?? "0"
    let model = modelLabel(of: focus).map { Self.fileName($0) + "-" } ?? ""
    let steps = isInGallery ? settings.steps : stepCount
    let end = isInGallery ? kind.nameEnd(.sample, position: steps) : kind.nameEnd(view, position: position)
    return "\(model)seed\(seed)-steps\(steps)-" + end
  }

  /// The model and settings that files and command lines are of: in the gallery those of the selected image, elsewhere
  /// those of the run in focus.
  package var kept: RunRequest {
    guard isInGallery, let gallery else { return pane.request }
    return gallery.request(of: gallery.entry)
  }

  /// A model's label for a file name: without slashes, and without `.` and `..` components.
  private static func fileName(_ label: String) -> String {
    label.split(separator: "/").filter { $0 != "." && $0 != ".." }.joined(separator: "-")
  }

  private mutating func write(
    _ kind: ExportKind, to name: String, _ collision: ExplorerExport.Collision
  ) -> [Effect] {
    if let exportTask {
      notice = "\(exportTask.name) is being written: wait for it, or stop it with Esc first"
      return []
    }
    if let reason = reasonAgainst(kind) {
      notice = reason
      return []
    }
    let number = exports.lastNumber + 1
    let effect: Effect
    if let content = content(of: kind) {
      let export = ExplorerExport(kind: kind, path: name, collision: collision, content: content)
      effect = .export(number: number, export)
    } else if isInGallery {
      effect = .exportRun(number: number, kept, ExplorerExport.Target(kind: kind, path: name, collision: collision))
    } else {
      return []
    }
    exports.lastNumber = number
    open(.writing(ExportTask(number: number, kind: kind, name: name, remark: remark(on: kind))))
    return [effect]
  }

  /// The contents of a file; nil if they have to be computed first.
  private func content(of kind: ExportKind) -> ExplorerExport.Content? {
    switch kind {
    case .receipt, .sheet, .animation, .csv: keptRun.map { .run(RecordedRun($0)) }
    case .png: keptPicture.map { .picture($0) } ?? keptImage.map { .decoded($0) } ?? keptTensor.map { .tensor($0) }
    case .npy: keptTensor.map { .tensor($0) }
    case .svg, .ansi: .frame(DiffusionTUI.view(withoutOverlays), capabilities.colorTier)
    case .handout: handout.map { .handout($0) }
    case .runs: .runs(openRuns)
    }
  }

  /// The runs side by side; in the gallery, those of the marked images, or of the one under the cursor.
  private var openRuns: [RunRequest] {
    guard isInGallery, let gallery else { return panes.map(\.latestRequest) }
    return (gallery.marks.isEmpty ? [gallery.entry] : gallery.marks).map { gallery.request(of: $0) }
  }

  /// The run with the steps of what is kept; nil for an image of the gallery other than that of a finished run.
  private var keptRun: ShownRun? {
    guard isInGallery else { return run }
    return panes.lazy.compactMap(\.run).first {
      $0.description.request == kept && $0.history.count == $0.stepCount && !$0.awaitsImages
    }
  }

  /// What is shown of the focused run where that is neither its tensor nor its image: differences, or one channel.
  private var keptPicture: Picture? {
    guard !isInGallery else { return nil }
    if showsDifference(in: focus) {
      return picturedTensor(of: focus).flatMap {
        DifferencePicture(of: $0, channel: inspection.channel(of: $0), scale: inspection.differenceScale)?
          .picture(tier: .trueColor)
      }
    }
    // Without the marks of clipped values, which are no part of the picture.
    guard let pictured = pictured(of: focus), let channel = inspection.channel(of: pictured.tensor) else { return nil }
    return Picture(of: pictured.tensor, channel: channel, range: pictured.range)
  }

  /// The image that is decoded from what is kept; nil for tensors that are shown as they are.
  private var keptImage: DecodedImage? {
    if isInGallery { return gallery.flatMap { galleryImages.store.image(of: $0.entry)?.decoded } }
    return showsDifference(in: focus) ? nil : run?.decodedImage(view, at: position)
  }

  private var keptTensor: Tensor<Float>? {
    guard isInGallery else { return picturedTensor(of: focus) }
    return gallery.flatMap { galleryImages.store.image(of: $0.entry)?.sample }
  }

  /// What the pictures of a file are, where they are not the steps' tensors; nil elsewhere.
  private func remark(on kind: ExportKind) -> String? {
    if kind == .png, !isInGallery, showsDifference(in: focus) {
      guard panes[focus].equality == nil else { return "every difference is 0" }
      return "run \(focus + 1) minus run \(compare.reference + 1), colours end at \(inspection.differenceScale.label)"
    }
    let run = isInGallery ? panes.lazy.compactMap(\.run).first { $0.description.model == kept.model } : run
    guard [.sheet, .animation].contains(kind), let run, run.description.latents != nil else { return nil }
    let isDecoded = isInGallery || run.history.last?.images != nil
    return isDecoded ? "linear previews of the latents, the last one decoded" : "linear previews of the latents"
  }

  /// The screen without the menus and messages over it.
  private var withoutOverlays: State {
    var state = self
    state.layers.removeAll { $0.kind.isSeenOverHelp }
    (state.notice, state.news) = (nil, nil)
    return state
  }

  /// Handles the result of writing a file.
  mutating func exportEnded(_ number: Int, _ result: ExportResult) {
    guard !receiptEnded(number, result), let task = exportTask, task.number == number else { return }
    close(.writing)
    var menu = exportMenu
    // The menu may have been opened for another file in the meantime.
    let isOwn = menu?.naming.map { $0.kind == task.kind && $0.text == task.name } ?? false
    switch result {
    case .written(let path):
      if isOwn { close(.exports) }
      news = "wrote \(path)" + (task.remark.map { ": \($0)" } ?? "")
      return
    case .failed(let reason) where isOwn: menu?.naming?.error = reason
    case .failed(let reason): notice = reason
    case .exists where isOwn: menu?.naming?.taken = task.name
    case .exists(let path): notice = "\(path) is there already: name another file, or replace it from the menu"
    }
    if let menu { update(.exports(menu)) }
  }

  /// Handles Esc while a file is being written.
  mutating func cancelExport() -> [Effect] {
    guard let task = exportTask else { return [] }
    close(.writing)
    notice = "\(task.name) is not written: it was stopped"
    return [.cancelExport(number: task.number)]
  }

  /// Quits. While a file is being written, which would be lost, it takes a second request.
  mutating func quit() -> [Effect] {
    guard var task = exportTask, !task.isQuitAsked else { return [.quit] }
    task.isQuitAsked = true
    update(.writing(task))
    notice = "\(task.name) is being written: wait for it, or quit again to leave it"
    return []
  }

  /// Shows a command line, and whether it was sent to the terminal for the clipboard. Whether the terminal copied it
  /// cannot be known.
  mutating func show(commandLine: String, isCopied: Bool?) {
    let remark = isCopied.map { $0 ? " # sent to the terminal" : " # not copied: too long for a terminal" }
    news = commandLine + (remark ?? "")
  }
}
