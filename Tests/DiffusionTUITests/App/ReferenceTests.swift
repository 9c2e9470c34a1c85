import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Comparison with the reference") struct ReferenceTests {
  var engine = SmilingEngine()

  @Test("equal runs have the same bits and never differ") mutating func equal() throws {
    var state = Scenes.comparing(seeds: [5, 5], engine: &engine)
    engine.press(.right, .right, on: &state)
    #expect(state.panes[0].comparison == nil)
    #expect(try #require(state.panes[1].comparison?.metrics).isBitEqual)
    #expect(state.panes[1].divergence?.first == nil)
    #expect(state.panes[1].divergence?.equalSteps == 2)
  }

  @Test("other seeds start from a different x_T") mutating func otherSeed() throws {
    let state = Scenes.comparing(seeds: [5, 6], engine: &engine)
    #expect(state.panes[1].divergence?.first == 0)
    let metrics = try #require(state.panes[1].comparison?.metrics)
    #expect(!metrics.isBitEqual)
    #expect(metrics.maximumAbsoluteDifference > 0)
  }

  @Test("the first step at which runs differ is found, and stays found") mutating func parts() {
    let runs = [4, 8].map { RunSettings(seeds: [0], steps: $0, threads: 1) }
    var state = Scenes.comparing(runs, engine: &engine)
    #expect(state.panes[1].divergence?.equalSteps == 0)
    engine.press(.right, .right, .left, .left, on: &state)
    #expect(state.panes[1].divergence?.first == 1)
  }

  @Test("= makes the focused run the reference") mutating func reference() throws {
    var state = Scenes.comparing(seeds: [5, 6, 5], engine: &engine)
    #expect(try #require(state.panes[2].comparison?.metrics).isBitEqual)
    engine.press(.tab, .character("="), on: &state)
    #expect(state.compare.reference == 1)
    #expect(state.panes[1].comparison == nil)
    #expect(!(try #require(state.panes[2].comparison?.metrics).isBitEqual))
    #expect(!(try #require(state.panes[0].comparison?.metrics).isBitEqual))
  }

  @Test("a comparison follows the view and the cursor") mutating func follows() throws {
    var state = Scenes.comparing(seeds: [5, 6], engine: &engine)
    let atNoise = try #require(state.panes[1].comparison)
    engine.press(.character("v"), on: &state)
    #expect(state.panes[1].comparison == nil, "nothing is predicted before the first step")
    engine.press(.right, on: &state)
    #expect(state.panes[1].comparison != nil)
    #expect(state.panes[1].comparison != atNoise)
    engine.press(.character("v"), .character("v"), .left, on: &state)
    #expect(state.panes[1].comparison == atNoise)
  }

  @Test("D shows how each picture differs from the reference's") mutating func differences() throws {
    var state = Scenes.comparing(seeds: [5, 5, 6], engine: &engine)
    let values = state.picturedTensor(of: 1)
    engine.press(.character("D"), on: &state)
    #expect(state.picturedTensor(of: 0) == values, "the reference shows itself")
    #expect(try #require(state.picturedTensor(of: 1)).scalars.allSatisfy { $0 == 0 })
    #expect(try #require(state.picturedTensor(of: 2)).scalars.contains { $0 != 0 })
    engine.press(.character("D"), on: &state)
    #expect(state.picturedTensor(of: 1) == values)
  }
}
