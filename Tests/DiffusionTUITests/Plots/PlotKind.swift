import DiffusionCore
import DiffusionTUI
import Glibc
import TestSupport

/// Every plot, with the numbers of a run or with numbers that no run has.
enum PlotKind: String, CaseIterable, Sendable {
  case line, schedule, heatMap = "heat-map", ridgeline, equation, ulp, threeUp = "three-up", difference

  /// The kind of numbers.
  enum Data: CaseIterable, Sendable { case run, empty, constant, notANumber, huge }

  /// Draws the plot.
  func draw(_ data: Data = .run, into frame: inout Frame, in part: Rect, look: Look) {
    switch self {
    case .line: line(data).draw(into: &frame, in: part, look: look)
    case .schedule: schedule(data).draw(into: &frame, in: part, look: look)
    case .heatMap:
      HistogramHeatMap(histograms: histograms(data), places: 17, range: -3...3, cursor: 5)
        .draw(into: &frame, in: part, look: look)
    case .ridgeline: Ridgeline(histograms: histograms(data), cursor: 5).draw(into: &frame, in: part, look: look)
    case .equation: EquationView(update(data)).draw(into: &frame, in: part, look: look)
    case .ulp: ULPHistogramView(bins: bins(data)).draw(into: &frame, in: part, look: look)
    case .threeUp: threeUp(data).draw(into: &frame, in: part, renderer: .halfBlock, look: look)
    case .difference: difference(data)?.draw(into: &frame, in: part, renderer: .halfBlock, look: look)
    }
  }

  private func values(_ data: Data, _ value: (Double) -> Double) -> [Double] {
    switch data {
    case .run: (0...10).map { value(Double($0) / 16) }
    case .empty: []
    case .constant: Array(repeating: 0.25, count: 7)
    case .notANumber: [.nan, .infinity, 1, -.infinity, .nan]
    case .huge: [1e308, -1e308, .leastNonzeroMagnitude, 0]
    }
  }

  private func line(_ data: Data) -> LinePlot {
    LinePlot(
      series: [
        PlotSeries("std", values(data) { 1 - $0 * $0 * 0.6 }, role: .accent),
        PlotSeries("mean", values(data) { 0.3 * $0 }, role: .good),
        PlotSeries("mean |x|", values(data) { 0.8 - 0.5 * $0 }, role: .warning),
      ], places: 17, cursor: 6)
  }

  private func schedule(_ data: Data) -> SchedulePlot {
    let curve = (0..<1000).map { step in cos(Double(step) / 1000 * .pi / 2) * cos(Double(step) / 1000 * .pi / 2) }
    let alphas = data == .run ? curve : values(data) { $0 }
    func run(_ steps: Int, _ current: Int?, _ role: ThemeRole) -> ScheduleRun {
      ScheduleRun(
        label: "\(steps)", timesteps: (0..<steps).reversed().map { $0 * 1000 / steps }, current: current, role: role)
    }
    return SchedulePlot(alphasCumprod: alphas, runs: [run(16, 15, .accent), run(32, 15, .good), run(4, nil, .warning)])
  }

  private func histograms(_ data: Data) -> [[Int]] {
    switch data {
    case .run:
      (0...10).map { step in
        let width = 1 - 0.06 * Double(step)
        return (0..<32).map { bin in
          let value = (Double(bin) - 15.5) / 16 * 3 / width
          return Int(400 * exp(-value * value / 2))
        }
      }
    case .empty: []
    case .constant: Array(repeating: Array(repeating: 3, count: 8), count: 5)
    case .notANumber: [[], [0, 0, 0], [-4, 4], [1]]
    case .huge: Array(repeating: [Int.max, 0, Int.max, 1], count: 400)
    }
  }

  private func update(_ data: Data) -> MeasuredUpdate {
    guard data != .run else { return Self.update(.ddim(alphaProd: 0.39063, alphaProdPrev: 0.51234, sigma: 0)) }
    let value = Float(values(data) { $0 + 0.25 }.first ?? 0)
    return Self.update(.ddim(alphaProd: value, alphaProdPrev: value, sigma: value))
  }

  /// An update whose tensors have 1,000 elements of one value each.
  static func update(_ terms: UpdateTerms) -> MeasuredUpdate {
    func tensor(_ value: Float) -> Tensor<Float> {
      Tensor(unchecked: [1, 1, 10, 100], Array(repeating: value, count: 1000))
    }
    return MeasuredUpdate(
      DenoisingStep(
        index: 0, terms: terms, sample: tensor(1.5), modelOutput: tensor(1.70402), predOriginalSample: tensor(1.06561),
        prevSample: tensor(1.40121), varianceNoise: terms.sigma > 0 ? tensor(1) : nil, seconds: 0))
  }

  private func bins(_ data: Data) -> [ULPHistogramBin] {
    let counts: [Int]
    switch data {
    case .run: counts = [2048, 731, 201, 64, 20, 7, 1, 0]
    case .empty: counts = []
    case .constant, .notANumber: counts = [0, 0, 0]
    case .huge: counts = [Int.max, Int.max, 1]
    }
    let labels = ["0", "1", "2-3", "4-7", "8-15", "16-31", "32-63", "64-127"]
    return zip(labels, counts).map { ULPHistogramBin($0, $1) }
  }

  private func threeUp(_ data: Data) -> ThreeUp {
    let picture: Picture?
    switch data {
    case .run, .constant: picture = Pictures.noise(16, 16)
    case .empty: picture = nil
    case .notANumber:
      picture = Picture(columns: 3, rows: 3, pixels: [], marks: Array(repeating: .notANumber, count: 9))
    case .huge: picture = Pictures.noise(400, 300)
    }
    let titles = ["x_t", "predicted original", "noise"]
    return ThreeUp(
      items: titles.map { ThreeUp.Item(title: $0, caption: "2.0% clipped", picture: picture) }, chosen: 1)
  }

  private func difference(_ data: Data) -> DifferenceView? {
    let floats = values(data) { $0 - 0.3 }.map { Float($0) }
    guard let tensor = try? Tensor<Float>(shape: [1, 1, 1, floats.count], scalars: floats),
      let picture = DifferencePicture(of: tensor, scale: .init(exponent: -1))
    else { return nil }
    return DifferenceView(picture: picture)
  }
}
