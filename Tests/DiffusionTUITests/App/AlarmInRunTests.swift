import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The alarm in a run") struct AlarmInRunTests {
  var engine = SmilingEngine()

  /// A run whose third step produces an infinity.
  private mutating func broken(_ columns: Int = 80, _ rows: Int = 24, panes: Int = 1) -> State {
    engine.breaking = 2
    return Scenes.comparing(seeds: (0..<panes).map { Seed($0) }, steps: 8, columns, rows, engine: &engine)
  }

  @Test("playback stops at the first value that is not finite", arguments: [1, 2]) mutating func stops(panes: Int) {
    var state = broken(panes: panes)
    engine.press(.character(" "), on: &state)
    #expect(!state.isBusy)
    #expect(state.positions == Array(repeating: 3, count: panes))
    engine.press(.character(" "), on: &state)
    #expect(state.position == 8)
  }

  @Test("so does jumping to the end") mutating func end() {
    var state = broken()
    engine.press(.end, on: &state)
    #expect(state.position == 3)
    engine.press(.end, on: &state)
    #expect(state.position == 8)
  }

  @Test("from that step on, the alarm names the layer", arguments: [(80, 24), (120, 40), (200, 60), (40, 12), (20, 5)])
  mutating func line(columns: Int, rows: Int) {
    var state = broken(columns, rows)
    func screen(_ state: State) -> String { FrameText(view(state)).text }
    engine.press(.right, .right, on: &state)
    #expect(!screen(state).contains("NaN or infinity"))
    engine.press(.right, on: &state)
    #expect(screen(state).contains("NaN or infinity"))
    if columns >= 80 { #expect(screen(state).contains("at step 3 (timestep ")) }
    if columns >= 80 { #expect(screen(state).contains("mid_block.resnets.0.conv1")) }
    engine.press(.left, on: &state)
    #expect(!screen(state).contains("NaN or infinity"))
  }

  @Test("what the decoder makes of finite latents is said where it is shown") mutating func decoder() throws {
    engine.latents = LatentFormat(scale: 2, factors: Array(repeating: [1, 1, 1], count: 3), bias: [0, 0, 0])
    engine.breakingDecoder = "vae.decoder.conv_in"
    var state = Scenes.comparing(seeds: [0], steps: 2, 120, 40, engine: &engine)
    engine.press(.end, on: &state)
    let line = "NaN or infinity first in the decoded image of step 2 (timestep "
    #expect(FrameText(view(state)).text.contains(line))
    #expect(try #require(state.handout?.figures.first).caption.contains { $0.hasPrefix(line) })
    engine.press(.left, on: &state)
    #expect(!FrameText(view(state)).text.contains("NaN or infinity"))
  }

  @Test("a handout says it below the picture") mutating func handout() throws {
    var state = broken()
    let line = "NaN or infinity first at step 3 (timestep "
    engine.press(.right, .right, on: &state)
    #expect(try #require(state.handout?.figures.first).caption.allSatisfy { !$0.contains("NaN") })
    engine.press(.right, on: &state)
    #expect(try #require(state.handout?.figures.first).caption.contains { $0.hasPrefix(line) })
  }

  @Test("the pane's title marks it") mutating func title() {
    var state = broken(120, 40, panes: 2)
    engine.press(.right, .right, .right, on: &state)
    let frame = view(state)
    let alarm = Look(theme: state.theme, capabilities: state.capabilities).style(.alarm, adding: [.reverse, .bold])
    let marked = frame.cells.filter { $0.style == alarm }.map { String($0.character) }.joined()
    #expect(marked.contains("NaN"))
    #expect(FrameText(frame).text.contains("run 1, step 3"))
  }
}
