import DiffusionCore

/// The statistics of the shown tensor, from the numbers down to the pictures of the other two tensors.
package struct StatisticsPanel {
  package let state: State
  /// Whether the schedule is part of it, not of a page beside it.
  package var hasSchedule = true

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard let run = state.run else { return }
    let statistics = run.statistics(state.view, at: state.position)
    if part.rows < Self.leastRows, let statistics {
      return drawCompact(statistics, into: &frame, in: part, look: look)
    }
    let sections = sections(run, statistics, part.size)
    let stack = StackLayout(sections.map(\.part), rows: part.rows)
    for (section, place) in zip(sections, stack.places) {
      guard let place else { continue }
      section.draw(&frame, part.rows(from: place.row, count: place.rows), look)
    }
  }

  /// The number of rows that the panel needs to say how much is clipped.
  static func rowsToClipped(columns: Int) -> Int { columns >= wideColumns ? 6 : 8 }

  /// The minimum columns for numbers in two columns.
  private static let wideColumns = 38

  /// A section of the panel and the closure that draws it.
  struct Section {
    let part: StackLayout.Part
    let draw: (inout Frame, Rect, Look) -> Void
  }

  private func sections(_ run: ShownRun, _ statistics: TensorStatistics?, _ size: Size) -> [Section] {
    let (columns, rows) = (size.columns, size.rows)
    let isWide = columns >= Self.wideColumns
    let table = StatisticsTable(state: state, run: run, statistics: statistics)
    let numbers = ValueTable(isWide ? table.paired : table.single)
    let most = numbers.rows.count
    var sections = [
      Section(part: .init(minimum: min(Self.rowsToClipped(columns: columns), most), maximum: most, rank: 0)) {
        numbers.draw(into: &$0, in: $1, look: $2)
      }
    ]
    if let statistics {
      let histogram = HistogramSection(statistics: statistics)
      sections.append(
        Section(part: .init(minimum: 3, maximum: rows >= Self.largeRows ? 7 : 9, rank: 3)) {
          histogram.draw(&$0, $1, $2)
        })
      let channels = ChannelSection(channelStd: statistics.channelStd)
      let channelRows = isWide ? channels.rows : 1
      // The numbers of an embedding are no channels of a picture.
      if run.tensor(state.view, at: state.position).map({ $0.shape.count > 2 }) ?? true {
        sections.append(Section(part: .init(minimum: 1, maximum: channelRows, rank: 5)) { channels.draw(&$0, $1, $2) })
      }
    }
    return sections + history(run, columns: columns, isLarge: rows >= Self.largeRows)
  }

  /// The minimum rows for more than a few numbers.
  package static let leastRows = 4

  /// The minimum rows for plots below the numbers.
  private static let largeRows = 30

  /// The history of all steps: compact, or as plots if there is room for them.
  private func history(_ run: ShownRun, columns: Int, isLarge: Bool) -> [Section] {
    let isWide = columns >= Self.wideColumns
    let schedule = ScheduleSection(state: state, run: run)
    guard isWide, isLarge else {
      let sparkline = SparklineSection(state: state, run: run)
      let curve = Section(part: .init(minimum: 1, maximum: 5, rank: 4)) { sparkline.draw(&$0, $1, $2) }
      guard hasSchedule else { return [curve] }
      return [
        curve,
        Section(part: .init(minimum: isWide ? 2 : 3, maximum: isWide ? 7 : 3, rank: 2)) { schedule.draw(&$0, $1, $2) },
      ]
    }
    let plots = RunPlots(state: state)
    // The values at the cursor are in the table above.
    var steps = plots.steps
    steps.hasValues = false
    var sections = [
      Section(part: .init(minimum: 5, maximum: 9, rank: 4)) { [steps] in steps.draw(into: &$0, in: $1, look: $2) },
      Section(part: .init(minimum: 2, maximum: 12, rank: 2)) { schedule.draw(&$0, $1, $2) },
    ]
    if let map = plots.heatMap {
      sections.append(Section(part: .init(minimum: 6, maximum: 10, rank: 7)) { map.draw(into: &$0, in: $1, look: $2) })
    }
    if let update = plots.update {
      // Without the last row, whose numbers are those of the schedule.
      let rows = UpdateSection.equationRows(columns: columns) - 1
      sections.append(
        Section(part: .init(minimum: 3, maximum: rows, rank: 6)) {
          UpdateSection(update: update, isUnicode: $2.capabilities.unicode).draw(into: &$0, in: $1, look: $2)
        })
    }
    return sections
  }

  /// Draws a few numbers in a line or two, where there is no room for more.
  private func drawCompact(_ statistics: TensorStatistics, into frame: inout Frame, in part: Rect, look: Look) {
    let entries = [("std", statistics.std), ("mean", statistics.mean), ("abs sum", statistics.absoluteSum)]
    var column = part.column
    for (label, value) in entries {
      let text = NumberText.fixed(value, label == "abs sum" ? 2 : 4)
      guard column + label.columns + 1 + text.columns <= part.endColumn else { break }
      column = frame.write(label + " ", look[.dim], column: column, row: part.row, end: part.endColumn)
      column = frame.write(text, look[.text], column: column, row: part.row, end: part.endColumn) + 2
    }
  }
}
