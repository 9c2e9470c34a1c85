import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The errors of finished runs") struct SolverErrorsTests {
  private func started(_ engine: inout SmilingEngine) -> State {
    func request(_ steps: Int, _ scheduler: String) -> RunRequest {
      RunRequest(settings: RunSettings(seeds: [1], steps: steps, threads: 1, scheduler: scheduler))
    }
    var state = State(
      size: Size(columns: 100, rows: 40), capabilities: Scenes.fullColor, run: request(9, "euler"),
      others: [request(4, "heun"), request(4, "dpm-multi")])
    engine.carryOut(state.start(), on: &state)
    return state
  }

  /// Gives a run another number of steps.
  private func take(_ steps: Character, in pane: Character, _ engine: inout SmilingEngine, _ state: inout State) {
    engine.press(.character(pane), .character("n"), .character(steps), .enter, on: &state)
  }

  @Test("are kept by scheduler and number of steps, and plotted once all have two") func kept() throws {
    var engine = SmilingEngine()
    var state = started(&engine)
    engine.press(.right, on: &state)
    #expect(state.compare.errors.curves.isEmpty, "nothing has ended")
    engine.press(.end, .character("D"), .character("p"), on: &state)
    #expect(Set(state.compare.errors.curves.keys) == ["heun", "dpm-multi"] && state.compare.errors.steps == [4])
    #expect(!FrameText(view(state)).text.contains("RMSE at"))
    take("6", in: "2", &engine, &state)
    #expect(state.compare.errors.curves["heun"]?.count == 2 && state.compare.errors.steps == [4])
    take("6", in: "3", &engine, &state)
    #expect(state.compare.errors.steps == [4, 6])
    let text = FrameText(view(state)).text
    #expect(!text.contains("largest difference of x_t"), "the heading is that of the other plot")
    #expect(text.contains("RMSE at 4, 6 steps") && text.contains("dpm-multi  heun"))
    let metrics = try #require(state.panes[1].comparison?.metrics)
    #expect(state.compare.errors.curves["heun"]?[6] == metrics.rootMeanSquareError)
    // On the way there, the plot is that of the steps.
    engine.press(.left, on: &state)
    #expect(!FrameText(view(state)).text.contains("RMSE at"))
  }

  @Test("begin anew with another reference, and leave out runs of other noise") func reset() {
    var engine = SmilingEngine()
    var state = started(&engine)
    engine.press(.end, on: &state)
    engine.press(.character("3"), .character("s"), .character("7"), .enter, on: &state)
    #expect(state.compare.errors.curves["dpm-multi"]?.count == 1)
    engine.press(.character("2"), .character("="), on: &state)
    #expect(Set(state.compare.errors.curves.keys) == ["euler"])
  }
}
