import DiffusionCore

/// The settings line: further settings of the run, a setting that is being edited, or a message. On a screen too small
/// for it, urgent messages use the line above the status.
package struct MessageLine {
  package let state: State
  package let layout: Layout

  package func draw(into frame: inout Frame, look: Look) {
    let alarm = state.helpScroll == nil ? state.alarm : nil
    let readout = state.helpScroll == nil ? state.readout(columns: frame.size.columns - 2) : nil
    let isUrgent =
      state.editor != nil || state.variationEditor != nil || state.branchEditor != nil || state.helpSearch != nil
      || state.notice != nil || news != nil || alarm != nil || readout != nil
    guard let part = layout.settings ?? (isUrgent ? borrowed(frame) : nil) else { return }
    if isUrgent { frame.fill(part, Cell(" ", look[.background])) }
    func drawAbove(_ message: String) {
      drawLines(message, look[.alarm], endingAbove: part.row, into: &frame, in: part)
    }
    if let editor = state.variationEditor {
      VariationLine(editor: editor, own: state.pane.latestSettings).draw(into: &frame, in: part, look: look)
      if let message = editor.error ?? state.notice { drawAbove(message) }
    } else if let editor = state.branchEditor {
      BranchLine(
        editor: editor, limits: state.settingLimits, reservation: state.reservation(about: editor.editor)
      ).draw(into: &frame, in: part, look: look)
      if let message = editor.editor.error ?? state.notice { drawAbove(message) }
    } else if let editor = state.editor {
      draw(editor, into: &frame, in: part, look: look)
      drawDevices(for: editor, above: part.row, into: &frame, look: look)
      if let message = editor.error ?? state.notice { drawAbove(message) }
    } else if let text = state.helpSearch {
      draw(search: text, into: &frame, in: part, look: look)
    } else if let notice = state.notice {
      drawLines(notice, look[.alarm], endingAbove: part.row + 1, into: &frame, in: part)
    } else if let news {
      drawLines(news, look[.text], endingAbove: part.row + 1, into: &frame, in: part)
    } else if let alarm {
      let style = look.style(.alarm, adding: [.reverse, .bold])
      drawLines(alarm, style, endingAbove: part.row + 1, into: &frame, in: part)
    } else if let readout {
      frame.write(readout, look[.accent], column: part.columns > 40 ? 1 : 0, row: part.row, end: part.endColumn)
    } else if state.display.presenter == nil {
      drawSettings(into: &frame, in: part, look: look)
    }
  }

  /// The message about a success, the file being written, or the model being opened.
  private var news: String? {
    let stops = state.topLayer?.kind == .writing ? " Esc stops it" : ""
    return state.news ?? state.exportTask.map { "writing \($0.name) ...\(stops)" } ?? state.opening
  }

  /// Writes a message over as many rows as it needs, at most three, with its last row just above `end`.
  private func drawLines(_ text: String, _ style: Style, endingAbove end: Int, into frame: inout Frame, in part: Rect) {
    let margin = part.columns > 40 ? 1 : 0
    let lines = TextWrap(text, columns: part.columns - 2 * margin).lines.prefix(min(3, end))
    for (index, line) in lines.enumerated() {
      let row = end - lines.count + index
      frame.fill(Rect(column: part.column, row: row, columns: part.columns, rows: 1), Cell(" ", style))
      frame.write(line, style, column: margin, row: row, end: part.endColumn)
    }
  }

  private func borrowed(_ frame: Frame) -> Rect? {
    guard layout.status.row > 0 else { return nil }
    return Rect(column: 0, row: layout.status.row - 1, columns: frame.size.columns, rows: 1)
  }

  private func draw(_ editor: Editor, into frame: inout Frame, in part: Rect, look: Look) {
    let row = part.row
    var column = part.columns > 40 ? 1 : 0
    column = frame.write(editor.setting.label + " ", look[.accent], column: column, row: row, end: part.endColumn)
    let space = max(1, part.endColumn - column - 1)
    let style = look.style(.text, adding: editor.isFresh ? .reverse : .underline)
    // Keep the cursor visible, with some of what follows it.
    let (before, behind) = editor.parts
    let ahead = behind.prefix(columns: space / 3)
    column = frame.write(
      before.suffix(columns: space - ahead.columns), style, column: column, row: row, end: part.endColumn)
    if let first = behind.first {
      let start = column
      column = frame.write(
        String(first), look.style(.text, adding: .reverse), column: start, row: row, end: part.endColumn)
      column = frame.write(
        behind.dropFirst().prefix(columns: part.endColumn - column), style, column: column, row: row,
        end: part.endColumn)
    } else if !editor.isFresh {
      frame[column, row] = Cell(" ", look.style(.text, adding: .reverse))
    }
    column += 3
    // A truncated hint could mislead: 1 to 10 is not 1 to 1000.
    let hints = editor.setting.hint(for: state.pane.latestRequest, limits: state.settingLimits)
    let reservation = state.reservation(about: editor)
    let tab = editor.setting == .model ? editor.completionHint(among: state.choices(of: .model)) : nil
    let texts =
      (reservation.map { [$0, "not made for this model"] } ?? [])
      + (tab.map { ["\(hints.short); \($0)", $0] } ?? []) + (deviceHints(editor) ?? [hints.long, hints.short])
    guard let hint = texts.first(where: { column + $0.columns <= part.endColumn }) else { return }
    let isWarning = reservation != nil && hint.hasPrefix("not made")
    frame.write(hint, look[isWarning ? .warning : .dim], column: column, row: row, end: part.endColumn)
  }

  /// Lists the devices of the machine where one is chosen, unless there is a message.
  private func drawDevices(for editor: Editor, above row: Int, into frame: inout Frame, look: Look) {
    guard editor.setting == .device, editor.error == nil, state.notice == nil, let devices = state.devices.answer else {
      return
    }
    DeviceListView(devices: devices, chosen: editor.text).draw(into: &frame, above: row, look: look)
  }

  /// The devices that can be used, in place of all that the engine knows; the list above has the others.
  private func deviceHints(_ editor: Editor) -> [String]? {
    guard editor.setting == .device, state.devices.isAsked, state.devices.answer?.isEmpty != true else { return nil }
    return [state.devices.isAwaited ? DeviceList.awaited : state.choices(of: .device).joined(separator: ", "), "Tab"]
  }

  private func draw(search text: String, into frame: inout Frame, in part: Rect, look: Look) {
    var column = part.columns > 40 ? 1 : 0
    column = frame.write("search help: ", look[.accent], column: column, row: part.row, end: part.endColumn)
    // Keep the end of a long text visible.
    let shown = text.suffix(columns: max(1, part.endColumn - column - 1))
    column = frame.write(
      shown, look.style(.text, adding: .underline), column: column, row: part.row, end: part.endColumn)
    if column < part.endColumn { frame[column, part.row] = Cell(" ", look.style(.text, adding: .reverse)) }
  }

  private func drawSettings(into frame: inout Frame, in part: Rect, look: Look) {
    var end = part.endColumn - 1
    if state.isComputing {
      end = ProgressView(progress: state.progress).draw(into: &frame, in: part, look: look) - 3
    }
    var column = 1
    let own = [state.shownRenderer.label, state.theme.name].map { ("", $0) }
    for (label, value) in words + own where column + label.columns + value.columns + 1 <= end {
      if !label.isEmpty {
        column = frame.write(label + " ", look[.dim], column: column, row: part.row, end: end)
      }
      column = frame.write(value, look[.dim], column: column, row: part.row, end: end) + 3
    }
  }

  /// The settings of the run, most important first. The status line has them where no other line does.
  package var words: [(String, String)] {
    guard state.display.presenter == nil else { return [] }
    return comparisonWords + classWords + promptWords + branchWords + VariationLine.words(state.pane.request)
      + schedulerWords + [("", state.playback.label)]
  }

  /// The guidance of a run with a prompt, and what else is not usual; the prompt where no header has it.
  private var promptWords: [(String, String)] {
    let request = state.pane.request
    guard let run = state.run?.description, run.takesPrompt, run.model == request.model else { return [] }
    let prompt = layout.header == nil ? request.promptTitle(columns: 24).map { [("", $0)] } : nil
    let negative = request.settings.negativePrompt
    // The title of the prompt has the other one, where there is room.
    let blend = request.settings.promptBlend.map { [("blend", NumberText.shortest($0.strength))] }
    return (prompt ?? []) + (blend ?? []) + [(Setting.guidanceScale.label, Setting.guidanceScale.text(of: request))]
      + (negative.isEmpty ? [] : [("not", "\"\(negative.shortened(columns: 20))\"")])
  }

  /// The class of a run whose model has classes, and its guidance.
  private var classWords: [(String, String)] {
    let request = state.pane.request
    guard let run = state.run?.description, run.model == request.model, let title = run.classTitle(columns: 28) else {
      return []
    }
    let guidance = run.takesGuidance && !run.takesPrompt
    return [(Setting.classLabels.label, title)]
      + (guidance ? [(Setting.guidanceScale.label, NumberText.shortest(run.settings.guidanceScale ?? 1))] : [])
  }

  /// The scheduler if it is not the usual one, and eta if the scheduler has one.
  private var schedulerWords: [(String, String)] {
    let settings = state.pane.request.settings, description = state.run?.description
    let name = description?.scheduler.name ?? settings.scheduler ?? "ddim"
    var words: [(String, String)] = []
    if let own = description?.exchangedScheduler {
      words.append(("scheduler", "\(name) for \(own)"))
    } else if settings.scheduler != nil || name != "ddim" {
      words.append(("scheduler", name))
    }
    let takesEta = (try? SchedulerClass(named: name))?.stepOptions.contains("eta") ?? false
    return words + (takesEta ? [("eta", Setting.eta.text(of: state.pane.request))] : [])
  }

  /// The settings that several runs share.
  private var comparisonWords: [(String, String)] {
    guard state.isComparing else { return [] }
    let place = ("run", "\(state.focus + 1)/\(state.panes.count)")
    return [("", state.compare.link.label), place]
      + (state.compare.view == .difference
        ? [
          (
            "difference to run \(state.compare.reference + 1):",
            DifferenceLegend(scale: state.inspection.differenceScale).text(tier: state.capabilities.colorTier)
          )
        ] : [])
  }
}
