import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Precision in the explorer") struct PrecisionTests {
  var engine = SmilingEngine()

  @Test("F adds the run with rounded weights and other sums, and plots how far they part") mutating func adds() {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    engine.press(.character("F"), on: &state)
    #expect(state.panes.map(\.settings.weights) == [.float32, .bfloat16, .float16, .float32])
    #expect(state.panes.map { $0.settings.device.description }.last == "cpu:reassociated")
    #expect(state.focus == 0 && state.compare.reference == 0 && state.positions == [3, 3, 3, 3])
    #expect(state.compare.view == .difference && state.inspection.page == .steps)
    engine.press(.character("U"), on: &state)
    #expect(state.panes.count == 1)
  }

  @Test("F says why it cannot") mutating func refusals() {
    var state = Scenes.started(steps: 4, engine: &engine)
    for _ in 0..<5 { engine.press(.character("c"), on: &state) }
    engine.press(.character("F"), on: &state)
    #expect(state.panes.count == 6 && state.notice?.contains("3 runs more") == true)
    var settings = RunSettings(seeds: [1], steps: 4, threads: 1)
    settings.weights = .bfloat16
    var rounded = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor, run: RunRequest(settings: settings))
    engine.carryOut(rounded.start(), on: &rounded)
    engine.press(.character("F"), on: &rounded)
    #expect(rounded.panes.count == 1 && rounded.notice?.contains("bfloat16 weights") == true)
  }

  @Test("% plots another measure of the differences") mutating func measures() throws {
    var state = Scenes.comparing(seeds: [1, 2], engine: &engine)
    engine.press(.character("%"), on: &state)
    #expect(state.notice == "the RMSE: in the plot of differences over the steps of several runs")
    engine.press(.end, .character("D"), .character("p"), on: &state)
    #expect(FrameText(view(state)).text.contains("RMSE of x_t from run 1"))
    let divergence = try #require(state.panes[1].divergence)
    let metrics = try #require(state.panes[1].comparison?.metrics)
    #expect(divergence.distances.last?.rootMeanSquareError == metrics.rootMeanSquareError)
    #expect(divergence.distances.last?.largest == metrics.maximumAbsoluteDifference)
    #expect(divergence.distances.last?.equalPercent == 100 * metrics.shareOfEqualElements)
    engine.press(.character("%"), on: &state)
    #expect(state.notice == nil && FrameText(view(state)).text.contains("median ulps of x_t from run 1, log2"))
    engine.press(.character("%"), on: &state)
    #expect(FrameText(view(state)).text.contains("% of x_t with the bits of run 1"))
    engine.press(.character("%"), on: &state)
    #expect(state.compare.measure == .largest)
  }

  @Test("an equal run is called equal, not 0 as the power of two") mutating func equal() throws {
    var state = Scenes.comparing(seeds: [1, 1, 2], engine: &engine)
    engine.press(.home, .character("D"), .character("p"), .character("%"), .character("%"), on: &state)
    #expect(state.compare.measure == .ulps)
    let screen = FrameText(view(state)).text
    #expect(screen.contains("log2 ulp 2 equal") && !screen.contains("log2 ulp 3 equal"), "\(screen)")
  }

  @Test(
    "half of the values differ by less than a power of two of ulps",
    arguments: [
      ([0, 0, 1], 0), ([0, 1, 1], 1), ([0, 2, 3], 2), ([4, 4, 900], 3), ([0, 1], 1), ([0, 0], 0),
    ] as [([UInt32], Int)])
  func exponent(ulps: [UInt32], exponent: Int) throws {
    let one = Tensor(unchecked: [ulps.count], ulps.map { _ in Float(1) })
    let other = Tensor(unchecked: [ulps.count], ulps.map { Float(bitPattern: Float(1).bitPattern + $0) })
    #expect(try TensorComparison(reference: one, other: other).medianDistanceExponent == exponent)
  }
}
