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
    let seed = settings.seeds.first.map(\.description) ?? "0"
    let model = modelLabel(of: focus).map { Self.fileName($0) + "-" } ?? ""
    return "\(model)seed\(seed)-steps\(stepCount)-" + kind.nameEnd(view, position: position)
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
    guard let content = content(of: kind) else { return [] }
    exports.lastNumber += 1
    open(.writing(ExportTask(number: exports.lastNumber, kind: kind, name: name)))
    let export = ExplorerExport(kind: kind, path: name, collision: collision, content: content)
    return [.export(number: exports.lastNumber, export)]
  }

  private func content(of kind: ExportKind) -> ExplorerExport.Content? {
    switch kind {
    case .receipt, .sheet, .animation, .csv: run.map { .run(RecordedRun($0)) }
    case .png, .npy: picturedTensor(of: focus).map { .tensor($0) }
    case .svg, .ansi: .frame(DiffusionTUI.view(withoutOverlays), capabilities.colorTier)
    case .handout: handout.map { .handout($0) }
    case .runs: .runs(openRuns)
    }
  }

  /// The runs side by side; in the gallery, those of the marked seeds, or of the one under the cursor.
  private var openRuns: [RunRequest] {
    guard isInGallery, let gallery else { return panes.map(\.latestRequest) }
    return (gallery.marks.isEmpty ? [gallery.seed] : gallery.marks).map { gallery.request(of: $0) }
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
      news = "wrote \(path)"
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

  /// Shows a command line, and whether it was copied to the clipboard.
  mutating func show(commandLine: String, isCopied: Bool?) {
    news = commandLine + (isCopied.map { $0 ? " # copied" : " # not copied: too long for a terminal" } ?? "")
  }
}
