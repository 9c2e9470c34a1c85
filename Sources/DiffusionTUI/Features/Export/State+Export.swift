import DiffusionCore

/// What is kept of a run: files, and the command line that makes it again.
extension State {
  /// A key press while the menu is open.
  mutating func press(_ key: Key, in open: ExportMenu) -> [Effect] {
    var menu = open
    let outcome = menu.press(key)
    update(.exports(menu))
    switch outcome {
    case .open: return []
    case .closed: close(.exports)
    case .name(let kind):
      if let reason = reasonAgainst(kind) {
        // The keys that mend it shall mean what they say.
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

  /// Writes a file as the palette asks; without a name, to the one that is proposed.
  mutating func export(_ kind: ExportKind, to name: String?) -> [Effect] {
    write(kind, to: name ?? proposedName(of: kind), name == nil ? .number : .refuse)
  }

  /// The name that a file gets if nobody gives it another: of the run's model, where there are several, of its seed and
  /// steps, and of what it holds.
  package func proposedName(of kind: ExportKind) -> String {
    let seed = settings.seeds.first.map(\.description) ?? "0"
    let model = modelLabel(of: focus).map { Self.fileName($0) + "-" } ?? ""
    return "\(model)seed\(seed)-steps\(stepCount)-" + kind.nameEnd(view, position: position)
  }

  /// A model's label without what means something in paths.
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
    }
  }

  /// The screen as it is beneath what is open.
  private var withoutOverlays: State {
    var state = self
    state.layers.removeAll { $0.kind.isSeenOverHelp }
    (state.notice, state.news) = (nil, nil)
    return state
  }

  /// What came of a file.
  mutating func exportEnded(_ number: Int, _ result: ExportResult) {
    guard !receiptEnded(number, result), let task = exportTask, task.number == number else { return }
    close(.writing)
    var menu = exportMenu
    switch result {
    case .written(let path):
      close(.exports)
      news = "wrote \(path)"
      return
    case .failed(let reason) where menu?.naming != nil: menu?.naming?.error = reason
    case .failed(let reason): notice = reason
    case .exists where menu?.naming?.text == task.name: menu?.naming?.taken = task.name
    case .exists(let path): notice = "\(path) is there already: name another file, or replace it from the menu"
    }
    if let menu { update(.exports(menu)) }
  }

  /// Esc while a file is being written.
  mutating func cancelExport() -> [Effect] {
    guard let task = exportTask else { return [] }
    close(.writing)
    notice = "\(task.name) is not written: it was stopped"
    return [.cancelExport(number: task.number)]
  }

  /// Quits. A file that is being written would be lost, so that it has to be asked for twice then.
  mutating func quit() -> [Effect] {
    guard var task = exportTask, !task.isQuitAsked else { return [.quit] }
    task.isQuitAsked = true
    update(.writing(task))
    notice = "\(task.name) is being written: wait for it, or quit again to leave it"
    return []
  }

  /// Shows a command line that was put on the clipboard, or was not.
  mutating func show(commandLine: String, isCopied: Bool?) {
    news = commandLine + (isCopied.map { $0 ? " # copied" : " # not copied: too long for a terminal" } ?? "")
  }
}
