/// A run on a schedule plot.
package struct ScheduleRun: Sendable, Equatable {
  /// The label in the plot, such as a seed.
  package let label: String
  /// The timesteps in the order in which they are taken.
  package let timesteps: [Int]
  /// The current step, an index into `timesteps`; nil before the first.
  package let current: Int?
  /// The colour role.
  package let role: ThemeRole

  /// alpha-bar of the current step, on its own model's schedule; nil to take it from the curve.
  package let alphaCumprod: Double?

  package init(label: String, timesteps: [Int], current: Int?, role: ThemeRole, alphaCumprod: Double? = nil) {
    self.alphaCumprod = alphaCumprod
    self.label = label
    self.timesteps = timesteps
    self.current = current
    self.role = role
  }

  /// The current timestep.
  package var timestep: Int? {
    current.flatMap { timesteps.indices.contains($0) ? timesteps[$0] : nil }
  }

  /// The steps taken out of all: `16/32`.
  package var progress: String { "\(min(timesteps.count, (current ?? -1) + 1))/\(timesteps.count)" }
}

/// The positions of runs on the schedule: alpha-bar over all training timesteps, from noise on the left to the image on
/// the right, and below it a line for each run with all its timesteps. A run's number marks its current timestep on the
/// curve, which shows that step 16 of 32 is not step 16 of 16.
package struct SchedulePlot: Sendable {
  /// alpha-bar of every training timestep, 0 to 1.
  package let alphasCumprod: [Double]
  /// The runs; the first nine have a number.
  package let runs: [ScheduleRun]

  /// The number of timesteps on the axis: those of the curve, or more where a run's model was trained on more.
  private let timestepCount: Int

  package init(alphasCumprod: [Double], runs: [ScheduleRun]) {
    self.alphasCumprod = alphasCumprod
    self.runs = runs
    timestepCount = max(alphasCumprod.count, (runs.flatMap(\.timesteps).max() ?? 0) + 1)
  }

  /// Draws the plot: the curve if the runs' lines leave at least three rows, and as many lines as there is room for.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns > 0, part.rows > 0, !alphasCumprod.isEmpty else { return }
    let lines = part.rows - runs.count >= 3 ? runs.count : min(runs.count, part.rows)
    let curveRows = part.rows - lines
    let last = timestepCount - 1
    // Axis and lines share their columns, so that a timestep has the same position in both.
    let prefix = prefix(columns: part.columns)
    let inner = part.inset(left: prefix)
    if curveRows >= 3 {
      let labels = PlotAxes.Labels(top: "", bottom: "", left: "t=\(last)", right: "t=0")
      let axes = PlotAxes(labels, in: inner.rows(from: 0, count: curveRows))
      axes.draw(into: &frame, look: look)
      drawScale(into: &frame, part, axes.inner, look)
      drawCurve(into: &frame, in: axes.inner, look)
    }
    for (index, run) in runs.enumerated() where index < lines {
      let row = part.rows(from: part.rows - lines + index, count: 1)
      drawLine(run, number: index + 1, into: &frame, row, prefix: prefix, look)
    }
  }

  /// The width of the columns left of the plot: the number and progress of every run, the number alone, or nothing.
  private func prefix(columns: Int) -> Int {
    let longest = runs.map(\.progress.columns).max() ?? 1
    return columns >= 2 * longest + 16 ? longest + 3 : columns >= 12 ? 2 : 0
  }

  private func drawScale(into frame: inout Frame, _ part: Rect, _ inner: Rect, _ look: Look) {
    guard inner.column > part.column else { return }
    for (text, row) in [("1", inner.row), ("0", inner.endRow - 1)] {
      frame.write(text, look[.dim], endingAt: inner.column - 1, row: row, start: part.column)
    }
    frame.write("alpha-bar", look[.dim], column: inner.column, row: inner.row, end: inner.endColumn)
  }

  private func drawCurve(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    var canvas = DotCanvas(part: part, usesBraille: look.capabilities.unicode)
    var last: PixelPlace?
    for column in 0..<canvas.size.columns {
      let timestep = Self.timestep(at: column, of: canvas.size.columns, count: timestepCount)
      guard alphasCumprod.indices.contains(timestep) else { continue }
      let place = PixelPlace(column: column, row: row(alphasCumprod[timestep], canvas.size.rows))
      canvas.line(from: last ?? place, to: place, curve: 0)
      last = place
    }
    canvas.draw(into: &frame, mark: { _ in "." }, style: { _ in look[.graph] })
    for (index, run) in runs.enumerated() {
      guard let timestep = run.timestep, let alpha = run.alphaCumprod ?? self.alpha(at: timestep) else { continue }
      let column = Self.column(of: timestep, columns: part.columns, count: timestepCount)
      frame[part.column + column, part.row + row(alpha, part.rows)] = Cell(
        Self.number(index + 1), look.style(run.role, adding: .bold))
    }
  }

  private func alpha(at timestep: Int) -> Double? {
    alphasCumprod.indices.contains(timestep) ? alphasCumprod[timestep] : nil
  }

  private func drawLine(
    _ run: ScheduleRun, number: Int, into frame: inout Frame, _ part: Rect, prefix: Int, _ look: Look
  ) {
    if prefix > 0 {
      frame[part.column, part.row] = Cell(Self.number(number), look.style(run.role, adding: .bold))
    }
    if prefix > 2 {
      frame.write(
        run.progress, look[.text], endingAt: part.column + prefix - 1, row: part.row, start: part.column + 2)
    }
    let columns = part.columns - prefix
    guard columns > 0 else { return }
    func column(_ timestep: Int) -> Int {
      part.column + prefix + Self.column(of: timestep, columns: columns, count: timestepCount)
    }
    for (index, timestep) in run.timesteps.enumerated().reversed() {
      let isDone = index <= run.current ?? -1
      let glyph = isDone ? look.glyph("\u{2022}", "*") : look.glyph("\u{00B7}", ".")
      frame[column(timestep), part.row] = Cell(glyph, look[isDone ? run.role : .dim])
    }
    if let timestep = run.timestep {
      frame[column(timestep), part.row] = Cell(look.glyph("\u{25C6}", "@"), look.style(run.role, adding: .bold))
    }
  }

  private func row(_ alpha: Double, _ rows: Int) -> Int {
    rows - 1 - Int((min(1, max(0, alpha.isFinite ? alpha : 0)) * Double(rows - 1)).rounded())
  }

  private static func number(_ number: Int) -> Character { number < 10 ? Character("\(number)") : "+" }

  /// The column of a timestep; the last timestep is on the left.
  private static func column(of timestep: Int, columns: Int, count: Int) -> Int {
    let place = max(0, min(count - 1, count - 1 - timestep))
    return count > 1 ? (2 * place * (columns - 1) + count - 1) / (2 * (count - 1)) : 0
  }

  private static func timestep(at column: Int, of columns: Int, count: Int) -> Int {
    columns > 1 ? count - 1 - (2 * column * (count - 1) + columns - 1) / (2 * (columns - 1)) : count - 1
  }
}
