import DiffusionCore

/// The plots of the runs on the screen, from the statistics recorded when their steps arrived.
package struct RunPlots {
  package let state: State

  /// The statistics of the shown tensor, from the first position that has one.
  private func statistics(of run: ShownRun) -> [TensorStatistics] {
    (firstPosition...run.history.count + firstPosition).compactMap { run.statistics(state.view, at: $0) }
  }

  /// The first position with a tensor of the view: predictions start with the first step.
  private var firstPosition: Int { state.view == .sample ? 0 : 1 }

  /// The theme role of a run's curve; the focused run is highlighted.
  private func role(of index: Int) -> ThemeRole {
    if index == state.focus { return .accent }
    return [ThemeRole.good, .warning, .text][index % 3]
  }

  /// The standard deviation, mean and mean of |x| of the focused run over all its steps; with several runs, the
  /// standard deviation of each.
  package var steps: LinePlot {
    let places = (state.panes.map(\.stepCount).max() ?? 1) + 1 - firstPosition
    let cursor = state.position >= firstPosition ? Optional(state.position - firstPosition) : nil
    guard state.isComparing else {
      return LinePlot(series: state.run.map(curves) ?? [], places: places, cursor: cursor, ends: ends)
    }
    guard state.compare.view == .values else { return errors ?? growth }
    let series = state.panes.enumerated().compactMap { index, pane in
      pane.run.map { PlotSeries("std \(index + 1)", statistics(of: $0).map(\.std), role: role(of: index)) }
    }
    return LinePlot(series: series, places: places, cursor: cursor, ends: ends)
  }

  /// What the axes over the steps go from and to.
  private var ends: (left: String, right: String) { (state.startName(of: state.focus), "image") }

  /// How far x_t of each other run is from the reference after each step.
  private var growth: LinePlot {
    let series = state.panes.enumerated().compactMap { index, pane in
      pane.divergence.map { divergence in
        let measure = state.compare.measure
        var series = PlotSeries(
          "\(measure.curve) \(index + 1)", divergence.distances.map { measure($0) }, role: role(of: index))
        if measure == .ulps {
          // The curve is at 0 there, as it is where only most of the values are equal.
          series.equalSteps = Set(divergence.distances.indices.filter { divergence.distances[$0].equalPercent == 100 })
        }
        return series
      }
    }
    return LinePlot(
      series: series, places: (state.panes.map(\.stepCount).max() ?? 1) + 1, cursor: state.position, ends: ends)
  }

  /// Whether the plot over the steps is that of how far runs end from the reference by their number of steps.
  package var showsErrors: Bool { state.isComparing && state.compare.view == .difference && errors != nil }

  /// How far runs end from the reference by their number of steps, as the power of ten of the RMSE, a curve for each
  /// scheduler; nil unless the runs are at their end and there are two numbers of steps.
  private var errors: LinePlot? {
    let errors = state.compare.errors, steps = errors.steps
    guard let first = steps.first, let last = steps.last, first < last,
      state.panes.allSatisfy({ $0.position == $0.stepCount })
    else { return nil }
    let series = errors.curves.sorted { $0.key < $1.key }.enumerated().map { index, curve in
      let values = steps.map { DoubleMath.log(max(curve.value[$0] ?? 0, 1e-9)) / DoubleMath.log(10) }
      return PlotSeries(curve.key, values, role: [ThemeRole.accent, .good, .warning, .text][index % 4])
    }
    let all = state.capabilities.unicode ? "log\u{2081}\u{2080} RMSE" : "log10 RMSE"
    var plot = LinePlot(
      series: series, places: steps.count,
      ends: ("\(all) at \(steps.map(String.init).joined(separator: ", ")) steps", "\(last)"))
    plot.hasValues = false
    return plot
  }

  private func curves(of run: ShownRun) -> [PlotSeries] {
    let all = statistics(of: run)
    let mean = state.capabilities.unicode ? "mean |x|" : "mean abs"
    return [
      PlotSeries("mean", all.map(\.mean), role: .good), PlotSeries(mean, all.map(Self.meanMagnitude), role: .warning),
      PlotSeries("std", all.map(\.std), role: .accent),
    ]
  }

  private static func meanMagnitude(_ statistics: TensorStatistics) -> Double {
    statistics.absoluteSum / Double(max(1, statistics.shape.reduce(1, *)))
  }

  /// The histograms of the focused run; nil if there is no run yet.
  private var histograms: (counts: [[Int]], range: ClosedRange<Double>)? {
    guard let run = state.run else { return nil }
    let all = statistics(of: run)
    guard let range = all.first?.histogramRange else { return nil }
    return (all.map(\.histogram), Double(range.lowerBound)...Double(range.upperBound))
  }

  /// The distribution of the shown tensor over the steps; nil if there is no run yet.
  package var heatMap: HistogramHeatMap? {
    histograms.map { counts, range in
      HistogramHeatMap(
        histograms: counts, places: state.stepCount + 1 - firstPosition, range: range,
        cursor: state.position - firstPosition, start: state.startName(of: state.focus))
    }
  }

  /// The same distribution with a row for each step.
  package var ridgeline: Ridgeline? {
    histograms.map { Ridgeline(histograms: $0.counts, cursor: state.position - firstPosition) }
  }

  /// Every run's timesteps on the curve of alpha-bar, those of the stage that is shown alone: each has a curve of its
  /// own. Nil if the curve is not known.
  package var schedule: SchedulePlot? {
    guard let alphas = state.run?.description.alphasCumprod(at: state.position), !alphas.isEmpty else { return nil }
    let runs = state.panes.enumerated().map { index, pane in
      // A run of another model has its own curve.
      let description = pane.run?.description, steps = description?.steps(at: pane.position) ?? 0..<0
      let points = description?.schedule[steps] ?? [], last = pane.position - 1
      return ScheduleRun(
        label: "seed \(Setting.seeds.text(of: pane.request))",
        timesteps: points.map { Int(exactly: $0.place.rounded()) ?? 0 },
        current: last >= steps.lowerBound ? last - steps.lowerBound : nil,
        role: role(of: index), alphaCumprod: steps.contains(last) ? Double(points[last].alphaCumprod) : nil)
    }
    return SchedulePlot(alphasCumprod: alphas.map { Double($0) }, runs: runs)
  }

  /// The update of the step that led to the current position; nil at the noise.
  package var update: MeasuredUpdate? {
    guard let run = state.run, state.position > 0, state.position <= run.history.count else { return nil }
    return run.history[state.position - 1].update
  }
}
