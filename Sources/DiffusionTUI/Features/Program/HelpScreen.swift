/// The help screen: every key by group, how to read the screen, and what this terminal supports. Scrolls if it does not
/// fit.
package struct HelpScreen {
  package let state: State

  /// One line: a key and what it does, a heading, or plain text.
  package struct Line: Equatable {
    package let key, text: String
    package let isHeading: Bool
    /// Other words that a search finds it by.
    var names = ""

    static func heading(_ text: String) -> Line { Line(key: "", text: text, isHeading: true) }
    static func entry(_ key: String, _ text: String) -> Line { Line(key: key, text: text, isHeading: false) }
    static let blank = entry("", "")
  }

  /// The minimum columns for help in two columns.
  private static let wideColumns = 110
  private static let keyColumns = 10

  /// The number of visible rows of help.
  package static func visibleRows(_ state: State) -> Int { Layout(state).body.rows }

  /// The maximum scroll offset of help.
  package static func maximumScroll(_ state: State) -> Int {
    let help = HelpScreen(state: state)
    let rows = help.columns.map(\.count).max() ?? 0
    return max(0, rows - visibleRows(state))
  }

  /// The lines, in one column or two.
  package var columns: [[Line]] {
    let chapters = KeyBinding.Chapter.allCases.map(chapter)
    // The grid's keys come first where they are in use, and after the gallery's where Esc returns to it.
    let first = state.isInSweep ? [sweep] : []
    let pages = state.isInSweep || state.sweep == nil ? [gallery] : [gallery, sweep]
    var columns =
      state.size.columns < Self.wideColumns
      ? [join(first + [chapters[0], terminal] + chapters.dropFirst() + pages + [reading])]
      : [join(first + chapters.prefix(2) + pages + [reading]), join(chapters.dropFirst(2) + [terminal])]
    if let text = state.helpSearch, columns.allSatisfy(\.isEmpty) {
      columns[0] = [.entry("", "no line of help has '\(text)': Ctrl-U clears, Esc ends the search")]
    }
    // The last column is for the arrows of a page that scrolls, and the one before it is empty.
    let space = state.size.columns / columns.count - Self.margin(state.size.columns) - Self.keyColumns - 2
    return columns.map { $0.flatMap { wrapped($0, columns: space) } }
  }

  /// The number of empty columns on the left.
  private static func margin(_ columns: Int) -> Int { columns > 40 ? 2 : 0 }

  /// Wraps a line to a number of columns.
  private func wrapped(_ line: Line, columns: Int) -> [Line] {
    guard !line.isHeading, line.text.columns > columns else { return [line] }
    return TextWrap(line.text, columns: columns).lines.enumerated().map { index, text in
      .entry(index == 0 ? line.key : "", text)
    }
  }

  private func join(_ chapters: [[Line]]) -> [Line] {
    Array(chapters.map(matching).filter { !$0.isEmpty }.joined(separator: [.blank]))
  }

  /// The words that a line has to contain while help is searched.
  private var words: [String] { (state.helpSearch ?? "").lowercased().split(separator: " ").map(String.init) }

  /// The lines of a section that match the search, with its heading; empty if none does.
  private func matching(_ section: [Line]) -> [Line] {
    let words = words
    guard let heading = section.first, !words.isEmpty else { return section }
    let lines = section.dropFirst().filter { line in
      let text = "\(line.key) \(line.text) \(line.names)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
    return lines.isEmpty ? [] : [heading] + lines
  }

  private func chapter(_ chapter: KeyBinding.Chapter) -> [Line] {
    [.heading(chapter.rawValue)]
      + state.keyMap.helpLines(of: chapter).map {
        Line(key: $0.keyLabel, text: $0.help, isHeading: false, names: $0.names)
      }
  }

  private var sweep: [Line] { [.heading("In the grid of a sweep")] + SweepScreen.help.map { .entry($0.0, $0.1) } }
  private var gallery: [Line] { [.heading("In the gallery")] + GalleryScreen.help.map { .entry($0.0, $0.1) } }

  private var terminal: [Line] {
    let capabilities = state.capabilities
    let tier =
      switch capabilities.colorTier {
      case .trueColor: "24-bit colour"
      case .palette256: "256 colours"
      case .ansi16: "16 colours"
      case .ansi8: "8 colours"
      case .mono: "no colours"
      }
    let reason = capabilities.reason.isEmpty ? "" : " (\(capabilities.reason))"
    return [
      .heading("This terminal"), .entry("colours", tier + reason),
      .entry("letters", capabilities.unicode ? "Unicode" : "ASCII"),
      .entry("pictures", pictures),
      .entry("kitty", (capabilities.pixelGraphics ? "yes" : "no") + (kittyReason.isEmpty ? "" : " (\(kittyReason))")),
      .entry("theme", state.theme.name),
    ]
  }

  private var kittyReason: String { state.capabilities.pixelGraphicsReason }

  /// How pictures are drawn, and why not with the selected renderer.
  private var pictures: String {
    let shown = state.shownRenderer, wanted = state.display.renderer
    let reason = shown == wanted ? "" : "; \(wanted.label) takes \(wanted.requirement)"
    return "\(shown.label): \(shown.summary)\(reason)"
  }

  private var reading: [Line] {
    [
      .heading("Reading the screen"), .entry("x_t", "the sample after the steps taken so far"),
      .entry("predicted", "the image as this step foresees it"), .entry("output", "what the model said in this step"),
      .entry("pixels", "-1 is black, 1 is white, in every view"),
      .entry("clipped", "the share of values at or beyond -1 and 1"),
      .entry("image sum", "np.abs(image).sum() of the finished image"),
    ]
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let columns = columns
    let width = part.columns / max(1, columns.count)
    let longest = columns.map(\.count).max() ?? 0
    let scroll = min(state.helpScroll ?? 0, max(0, longest - part.rows))
    for (index, lines) in columns.enumerated() {
      let margin = Self.margin(part.columns)
      let column = Rect(
        column: part.column + index * width + margin, row: part.row, columns: width - margin, rows: part.rows)
      for (row, line) in lines.dropFirst(scroll).prefix(part.rows).enumerated() {
        draw(line, into: &frame, column.rows(from: row, count: 1), look)
      }
    }
    guard longest > part.rows else { return }
    if scroll > 0 { frame[part.endColumn - 1, part.row] = Cell(look.glyph("\u{2191}", "^"), look[.accent]) }
    if scroll < longest - part.rows {
      frame[part.endColumn - 1, part.endRow - 1] = Cell(look.glyph("\u{2193}", "v"), look[.accent])
    }
  }

  private func draw(_ line: Line, into frame: inout Frame, _ part: Rect, _ look: Look) {
    let end = part.endColumn - 1
    if line.isHeading {
      frame.write(line.text, look.style(.text, adding: .bold), column: part.column, row: part.row, end: end)
      return
    }
    write(line.key, look[.accent], into: &frame, column: part.column, row: part.row, end: end)
    write(line.text, look[.text], into: &frame, column: part.column + Self.keyColumns, row: part.row, end: end)
  }

  /// Writes text with the words of the search highlighted.
  private func write(_ text: String, _ style: Style, into frame: inout Frame, column: Int, row: Int, end: Int) {
    frame.write(text, style, column: column, row: row, end: end)
    var found = style
    found.attributes.insert([.reverse, .bold])
    for range in words.flatMap({ text.lowercased().ranges(of: $0) }) where text.lowercased().count == text.count {
      // The same characters of the text itself, whose upper case stays.
      let lowered = text.lowercased()
      let start = lowered.distance(from: lowered.startIndex, to: range.lowerBound)
      let count = lowered.distance(from: range.lowerBound, to: range.upperBound)
      let before = String(text.prefix(start)), match = String(text.dropFirst(start).prefix(count))
      frame.write(match, found, column: column + before.columns, row: row, end: end)
    }
  }
}
