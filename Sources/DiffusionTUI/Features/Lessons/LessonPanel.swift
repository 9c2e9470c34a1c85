/// A lesson's step: its number, the key to press next, and the text.
package struct LessonPanel {
  package let state: State

  /// The number of visible rows of text.
  package static func visibleRows(_ state: State) -> Int {
    let layout = LessonLayout(state)
    return layout.panel.map { LessonPanel(state: state).body(of: $0, layout).rows } ?? 0
  }

  /// The maximum scroll offset of the text: 0 if all of it is visible.
  package static func maximumScroll(_ state: State) -> Int {
    let layout = LessonLayout(state)
    guard let panel = layout.panel else { return 0 }
    let view = LessonPanel(state: state), body = view.body(of: panel, layout)
    return max(0, (view.text(columns: body.columns, layout)?.lines.count ?? 0) - body.rows)
  }

  /// The area of the text: below the bar; beside the explorer also above the keys.
  private func body(of panel: Rect, _ layout: LessonLayout) -> Rect {
    let margin = panel.columns > 30 ? layout.isBeside ? 2 : 1 : 0
    let inner = panel.inset(left: margin, right: margin, top: layout.isBeside ? 2 : 1)
    return layout.isBeside ? inner.rows(from: 0, count: inner.rows - 4) : inner
  }

  private func text(columns: Int, _ layout: LessonLayout) -> LessonText? {
    guard let lesson = state.lesson else { return nil }
    return LessonText(
      lesson.step, findings: state.lessonFindings, columns: columns,
      repeatKey: state.keyMap.keyLabel(of: .lesson(.repeatPage)),
      isSpaced: layout.isBeside,
      unicode: state.capabilities.unicode)
  }

  package func draw(into frame: inout Frame, layout: LessonLayout, look: Look) {
    guard let panel = layout.panel, state.lesson != nil else { return }
    frame.fill(panel, Cell(" ", look[.background]))
    let bar = panel.rows(from: 0, count: 1)
    frame.fill(bar, Cell(" ", look[.barText]))
    let body = body(of: panel, layout)
    drawText(into: &frame, in: body, layout, look)
    if layout.isBeside {
      for row in 1..<max(1, panel.rows) {
        frame[panel.column, panel.row + row] = Cell(look.glyph("\u{2502}", "|"), look[.rule])
      }
      drawHeading(into: &frame, bar, look)
      drawKeys(into: &frame, Rect(column: body.column, row: panel.endRow - 3, columns: body.columns, rows: 1), look)
      frame.write(pageKeys, look[.dim], column: body.column, row: panel.endRow - 2, end: body.endColumn)
      if state.topLayer?.kind == .lesson {
        frame.write(
          "Esc leaves and keeps the place", look[.dim], column: body.column, row: panel.endRow - 1, end: body.endColumn)
      }
    } else {
      let keys = drawKeys(into: &frame, bar, look)
      let heading = drawHeading(
        into: &frame, Rect(column: bar.column, row: bar.row, columns: keys - bar.column - 1, rows: 1), look)
      guard keys - heading > pageKeys.columns + 4 else { return }
      frame.write(pageKeys, look[.barText], endingAt: keys - 2, row: bar.row, start: heading + 1)
    }
  }

  private func drawText(into frame: inout Frame, in body: Rect, _ layout: LessonLayout, _ look: Look) {
    guard let lesson = state.lesson, let lines = text(columns: body.columns, layout)?.lines else { return }
    let most = max(0, lines.count - body.rows)
    let scroll = min(lesson.scroll, most)
    for (row, line) in lines.dropFirst(scroll).prefix(body.rows).enumerated() {
      frame.write(line.text, look[line.role], column: body.column, row: body.row + row, end: body.endColumn)
    }
    let edge = frame.size.columns - 1
    if scroll > 0 { frame[edge, body.row] = Cell(look.glyph("\u{2191}", "^"), look[.accent]) }
    if scroll < most { frame[edge, body.endRow - 1] = Cell(look.glyph("\u{2193}", "v"), look[.accent]) }
  }

  /// The keys that turn the pages.
  private var pageKeys: String {
    [LessonAction.previousPage, .repeatPage].compactMap { action in
      state.keyMap.keyLabel(of: action.action).map { "\($0) \(action.row.label)" }
    }.joined(separator: "  ")
  }

  /// Draws the number of the page and the title. Returns the column after them.
  @discardableResult
  private func drawHeading(into frame: inout Frame, _ part: Rect, _ look: Look) -> Int {
    guard let lesson = state.lesson else { return part.column }
    let bold = look.style(.barText, adding: .bold)
    let column = frame.write(
      " \(lesson.page + 1)/\(lesson.lesson.steps.count)", bold, column: part.column, row: part.row,
      end: part.endColumn)
    return frame.write(
      lesson.lesson.title, look[.barText], column: column + 2, row: part.row, end: part.endColumn)
  }

  /// Draws the keys of the step, with the next one highlighted. Returns their first column.
  @discardableResult
  private func drawKeys(into frame: inout Frame, _ part: Rect, _ look: Look) -> Int {
    let words = words
    let width = words.reduce(0) { $0 + $1.text.columns + 1 }
    let isOnBar = part.column == 0
    var column = isOnBar ? max(part.column, part.endColumn - width) : part.column
    let start = column
    for word in words {
      let plain = look[isOnBar ? .barText : word.isDone ? .dim : .text]
      let style = word.isNext ? look.style(.accent, adding: [.reverse, .bold]) : plain
      column = frame.write(word.text, style, column: column, row: part.row, end: part.endColumn) + 1
    }
    return start
  }

  private struct Word {
    var text: String
    var isNext = false
    var isDone = false
  }

  private var words: [Word] {
    guard let lesson = state.lesson else { return [] }
    if lesson.isPreparing { return [Word(text: "getting ready")] }
    if lesson.isLast {
      return lesson.next != nil
        ? [Word(text: "the end"), Word(text: " Enter ", isNext: true), Word(text: "next")] : [Word(text: "the end")]
    }
    if lesson.isWaiting { return [Word(text: state.playback.isPlaying ? "playing" : "computing")] }
    let labels = state.lessonKeyLabels(unicode: state.capabilities.unicode)
    return [Word(text: "press")]
      + labels.enumerated().map { index, label in
        Word(
          text: index == lesson.nextPlace ? " \(label) " : label, isNext: index == lesson.nextPlace,
          isDone: lesson.taken.contains(index))
      }
  }
}
