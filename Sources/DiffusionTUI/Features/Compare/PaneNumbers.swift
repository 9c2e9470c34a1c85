import DiffusionCore

/// The numbers of one of several runs, most important first: how it differs from the reference, then its own.
package struct PaneNumbers {
  package let state: State
  package let index: Int
  /// The comparison below, which has the rest of the numbers; nil where there is none.
  package let comparison: Rect?

  private struct Item {
    let text: String
    let role: ThemeRole
    /// Shorter texts for what is left of a row where there are too few rows, longest first.
    var short: [String] = []
    /// The texts where there are too few columns for the others, longest first.
    var narrow: [String] = []

    /// The longest text that fits into a row; nil if none does, in a pane as wide as a number: half a number is another
    /// one.
    func text(columns: Int) -> String? {
      let forms = [text] + short + narrow
      return forms.first { $0.columns <= columns } ?? (columns < 8 || role == .alarm ? forms.last : nil)
    }

    /// The longest text that fits into the rest of a row; nil if it needs another row.
    func text(isTight: Bool, rest: Int) -> String? { ([text] + (isTight ? short : [])).first { $0.columns <= rest } }
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.rows > 0, part.columns > 0 else { return }
    if let failure = state.panes[index].failure {
      for (row, line) in TextWrap(failure, columns: part.columns).lines.prefix(part.rows).enumerated() {
        frame.write(line, look[.alarm], column: part.column, row: part.row + row, end: part.endColumn)
      }
      return
    }
    var column = part.column
    var row = part.row
    let items = readout(columns: part.columns) + items(in: part.size)
    // Presenter mode shows only the most important, each in its own row.
    let isPresented = state.display.presenter != nil
    let shown = isPresented ? items.prefix(3) : items[...]
    let isTight = Self.rows(of: shown.map(\.text), columns: part.columns) > part.rows
    for item in shown {
      let isFirst = column == part.column
      let rest = isFirst || isPresented ? nil : item.text(isTight: isTight, rest: part.endColumn - column)
      guard let text = rest ?? item.text(columns: part.columns) else { continue }
      if rest == nil, !isFirst {
        column = part.column
        row += 1
      }
      guard row < part.endRow else { return }
      column = frame.write(text, look[item.role], column: column, row: row, end: part.endColumn) + 2
    }
  }

  /// The number of rows that texts take, one after the other.
  private static func rows(of texts: [String], columns: Int) -> Int {
    texts.reduce((rows: 1, used: 0)) { place, text in
      let isNext = place.used > 0 && place.used + text.columns > columns
      return (place.rows + (isNext ? 1 : 0), (isNext ? 0 : place.used) + text.columns + 2)
    }.rows
  }

  /// The comparison below, if it has a line for this run.
  private var list: Rect? {
    guard let comparison, state.inspection.page == .numbers, state.panes[index].comparison != nil,
      ComparisonSection.lists(index, of: state, rows: comparison.rows)
    else { return nil }
    return comparison
  }

  /// Whether so many rows are too few for how the run differs: what the comparison below says of it then makes room for
  /// the run's own numbers.
  private func hasFewLines(_ rows: Int) -> Bool {
    let legendRows = state.showsDifference(in: index) && state.panes[index].equality == nil ? 1 : 0
    return rows + legendRows < ComparisonSection.leastLines
  }

  /// The values of the selected pixel, ahead of everything else.
  private func readout(columns: Int) -> [Item] {
    guard let cursor = state.viewport(of: index)?.cursor else { return [] }
    guard let readout = state.pixelReadout(of: index, at: cursor) else { return [] }
    // The position is the same in all panes: where space is tight, the levels matter more.
    let full = readout.text(columns: columns)
    return [Item(text: full.contains("  ") ? full : readout.shortText, role: .accent)]
  }

  private func items(in size: Size) -> [Item] {
    let pane = state.panes[index]
    guard let statistics = pane.run?.statistics(state.view, at: pane.position) else { return [] }
    let hash = String(statistics.sha256.prefix(8))
    var items: [Item] = []
    let isSame = pane.comparison?.metrics?.isBitEqual ?? false
    if isSame {
      items.append(sameBits(list == nil ? hash : nil))
    } else if !hasFewLines(size.rows) || (list?.columns ?? 0) < ComparisonSection.leastColumns {
      items = pane.comparison.map { compared($0, columns: size.columns) } ?? []
      if let text = ComparisonText.divergence(pane.divergence, start: state.startName(of: index)) {
        let narrow = pane.divergence?.first.map { $0 == 0 ? "other start" : "differs at \($0)" }
        items.insert(Item(text: text, role: .text, narrow: narrow.map { [$0] } ?? []), at: min(1, items.count))
      }
    }
    items.append(Item(text: "std \(NumberText.fixed(statistics.std, 4))", role: .text))
    if let time = stepTime { items.append(Item(text: "\(time) a step", role: .text, narrow: [time])) }
    if !isSame {
      // Without its label a hash could be of anything: its digits are left out first.
      let (text, short) = ("\(state.view.symbol) \(hash)", [6, 4].map { "\(state.view.symbol) \(hash.prefix($0))" })
      items.append(Item(text: text, role: .dim, short: short))
    }
    let notFinite = statistics.nanCount + statistics.infinityCount
    if notFinite > 0 { items.insert(Item(text: "\(notFinite) NaN/Inf", role: .alarm), at: 0) }
    guard pane.run?.description.latents == nil else {
      let kind = state.pictureKind(of: index, channel: state.inspection.channel)
      return items + (kind.map { [Item(text: $0, role: .dim)] } ?? [])
    }
    let clipped = NumberText.fixed(100 * statistics.clipped, 1)
    items.append(
      Item(
        text: "\(clipped)% clipped", role: statistics.clipped > 0 ? .warning : .dim, narrow: ["clip \(clipped)%"]))
    return items
  }

  /// The median time of its steps, where the runs are computed on several devices or by several numbers of threads.
  private var stepTime: String? {
    guard Set(state.panes.map { [$0.settings.device.description, "\($0.settings.threads)"] }).count > 1 else {
      return nil
    }
    let times = (state.panes[index].run?.history ?? []).map(\.step.seconds).sorted()
    guard !times.isEmpty, times[times.count / 2] > 0 else { return nil }
    return NumberText.roughSeconds((times[(times.count - 1) / 2] + times[times.count / 2]) / 2)
  }

  /// That every bit is the reference's, with the hash where no list below has it.
  private func sameBits(_ hash: String?) -> Item {
    guard let hash else { return Item(text: "same bits", role: .good) }
    return Item(text: "same bits \(hash)", role: .good, narrow: ["same bits \(hash.prefix(4))", "same bits"])
  }

  private func compared(_ comparison: PaneComparison, columns: Int) -> [Item] {
    if let mismatch = comparison.mismatch {
      return [
        Item(text: ComparisonText.mismatch(mismatch, to: state.compare.reference, columns: columns), role: .warning)
      ]
    }
    guard let metrics = comparison.metrics else { return [] }
    return ComparisonText(metrics).entries.prefix(self.comparison != nil ? ComparisonText.paneEntries : 4).map {
      let number = String($0.value.prefix { $0 != " " })
      return Item(text: "\($0.label) \($0.value)", role: .text, narrow: ["\($0.label) \(number)", number])
    }
  }
}
