import DiffusionTUI
import TestSupport
import Testing

@Suite("What plots show") struct PlotMeaningTests {
  private let ascii = Look(theme: .plain, capabilities: .init(colorTier: .ansi16, unicode: false))

  private func text(_ columns: Int, _ rows: Int, _ draw: (inout Frame, Rect) -> Void) -> [String] {
    var frame = Frame(size: Size(columns: columns, rows: rows))
    draw(&frame, Rect(column: 0, row: 0, columns: columns, rows: rows))
    return FrameText(frame).text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  @Test("a curve goes from its first value to its last, through the middle") func curve() {
    let plot = LinePlot(series: [PlotSeries("x", [0, 1, 2, 3, 4], role: .graph)])
    let lines = text(5, 5) { plot.draw(into: &$0, in: $1, look: ascii) }
    #expect(lines == ["* x", "    *", "  **", " *", "*"])
  }

  @Test("NaN leaves a gap and an alarm") func gap() {
    let plot = LinePlot(series: [PlotSeries("x", [0, 0, .nan, 1, 1], role: .graph)])
    let lines = text(5, 3) { plot.draw(into: &$0, in: $1, look: ascii) }
    #expect(lines == ["   **", "", "**!"])
  }

  @Test("a run of a model trained on more timesteps has room to the left of the curve") func longerSchedule() {
    let runs = [[999, 0], [1999, 999, 0]].map {
      ScheduleRun(label: "", timesteps: $0, current: 0, role: .accent, alphaCumprod: 0.5)
    }
    let plot = SchedulePlot(alphasCumprod: Array(repeating: 1, count: 1000), runs: runs)
    let lines = text(60, 9) { plot.draw(into: &$0, in: $1, look: ascii) }
    #expect(lines[6].contains("t=1999"))
    func marks(_ line: String) -> [Int] {
      line.dropFirst(6).enumerated().filter { "@*.".contains($0.element) }.map(\.offset)
    }
    #expect(marks(lines[7]) == [27, 53] && marks(lines[8]) == [0, 27, 53])
    // The curve, 1 everywhere, begins where the first run does.
    #expect(
      lines[0].dropFirst(6).firstIndex(of: ".").map { lines[0].distance(from: lines[0].startIndex, to: $0) } == 33)
  }

  @Test("step 16 of 32 is not in the same place as step 16 of 16") func schedule() {
    let alphas = (0..<1000).map { 1 - Double($0) / 999 }
    let runs = [16, 32].map { count in
      ScheduleRun(
        label: "\(count)", timesteps: (0..<count).reversed().map { $0 * 1000 / count }, current: 15, role: .accent)
    }
    let plot = SchedulePlot(alphasCumprod: alphas, runs: runs)
    let lines = text(60, 10) { plot.draw(into: &$0, in: $1, look: ascii) }
    #expect(runs[0].timestep == 0 && runs[1].timestep == 500)
    #expect(lines[8].hasPrefix("1 16/16 ") && lines[8].hasSuffix("@"))
    #expect(lines[9].hasPrefix("2 16/32 "))
    let marks = lines[9].dropFirst(8)
    #expect(marks.firstIndex(of: "@").map { marks.distance(from: marks.startIndex, to: $0) } == 25)
    #expect(marks.prefix(25).count { $0 == "*" } == 15 && marks.dropFirst(26).count { $0 == "." } == 16)
    // The curve has both numbers: the first at its upper end, the second in the middle.
    #expect(lines[0].hasSuffix("1"))
    let second = lines.prefix(7).firstIndex { $0.dropFirst(8).contains("2") }
    #expect(second == 3)
  }

  @Test("a heat map is brightest where most values are, and blank where there are none") func heat() {
    let map = HistogramHeatMap(histograms: [[0, 8, 0], [4, 0, 4]], range: -1...1)
    let lines = text(2, 3) { map.draw(into: &$0, in: $1, look: ascii) }
    // The square root of a half is about 0.7, on a ramp of nine steps.
    #expect(lines == [" *", "@", " *"])
  }

  @Test("a heat map is as wide and as high as its axes", arguments: [(50, 12), (37, 9), (100, 41)], [3, 9, 11, 200])
  func wholeWidth(size: (columns: Int, rows: Int), steps: Int) {
    let map = HistogramHeatMap(
      histograms: Array(repeating: Array(repeating: 1, count: 32), count: steps), range: -3...3)
    let lines = text(size.columns, size.rows) { map.draw(into: &$0, in: $1, look: ascii) }
    for line in lines.dropLast() {
      #expect(line.dropFirst(3).count == size.columns - 3 && !line.dropFirst(3).contains(" "))
    }
    #expect(lines[size.rows - 1].hasPrefix("   noise") && lines[size.rows - 1].hasSuffix("image"))
  }

  @Test("bins are merged, never dropped, if there are few rows") func merging() {
    let map = HistogramHeatMap(histograms: [[1, 0, 0, 0, 0, 0, 0, 1]], range: -1...1)
    let lines = text(1, 2) { map.draw(into: &$0, in: $1, look: ascii) }
    #expect(lines == ["@", "@"])
  }

  @Test("a ridgeline keeps the first and the last step") func ridgeline() {
    let histograms = (0..<50).map { step in (0..<8).map { $0 == step * 7 / 49 ? 9 : 0 } }
    let lines = text(20, 4) { Ridgeline(histograms: histograms, cursor: 20).draw(into: &$0, in: $1, look: ascii) }
    #expect(lines.map { $0.prefix(2) } == [" 0", "16", "32", "49"])
    #expect(lines[0].dropFirst(3).hasPrefix("##") && lines[3].hasSuffix("##"))
  }

  @Test("bins of a ULP histogram that do not fit are merged; what is not zero shows") func ulp() {
    let bins = [("0", 3000), ("1", 60), ("2-3", 8), ("4-7", 4)].map { ULPHistogramBin($0.0, $0.1) }
    let lines = text(40, 3) { ULPHistogramView(bins: bins).draw(into: &$0, in: $1, look: ascii) }
    #expect(lines[0].hasPrefix("   0 3000  97.66% #####"))
    #expect(lines[2] == "more   12   0.39% #")
    let same = text(40, 2) {
      ULPHistogramView(bins: [.init("0", 99_999), .init("1", 1)]).draw(into: &$0, in: $1, look: ascii)
    }
    #expect(same[0].contains(">99.99%") && same[1].contains("<0.01%"))
  }

  @Test(
    "pictures are side by side in wide parts, stacked in tall ones, and one alone in small ones",
    arguments: [(60, 12, [0, 1, 2], 1), (18, 40, [0, 1, 2], 3), (16, 8, [1], 1), (4, 2, [], 0)])
  func threeUp(columns: Int, rows: Int, indices: [Int], lines: Int) {
    let item = ThreeUp.Item(title: "x_t", caption: "1x", picture: Pictures.noise(16, 16))
    var frame = Frame(size: Size(columns: columns, rows: rows))
    let places = ThreeUp(items: [item, item, item], chosen: 1).draw(
      into: &frame, in: Rect(column: 0, row: 0, columns: columns, rows: rows), renderer: .halfBlock, look: Pictures.look
    )
    #expect(places.map(\.index) == indices)
    #expect(Set(places.map(\.picture.row)).count == lines)
    #expect(Set(places.map { Size(columns: $0.picture.columns, rows: $0.picture.rows) }).count <= 1)
  }

  @Test("the equation's letters and numbers stay together at any width", arguments: [12, 20, 30, 60, 100])
  func equation(columns: Int) {
    let update = PlotKind.update(.ddim(alphaProd: 0.4, alphaProdPrev: 0.5, sigma: 0.125))
    let text = text(columns, 8) { EquationView(update).draw(into: &$0, in: $1, look: ascii) }
      .joined(separator: " ").split(separator: " ").joined(separator: " ")
    for part in ["x_{t-1}", "0.70711 x0", "0.69597 eps", "0.12500 z"] { #expect(text.contains(part)) }
    if columns >= 40 { #expect(text.contains("sqrt(1 - a_prev - sigma^2)") && text.contains("a_prev = 0.50000")) }
  }
}
