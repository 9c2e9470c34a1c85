import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The status line") struct StatusLineTests {
  @Test("has seed, step, device and noise at every width with room for them", arguments: 38...140)
  func always(columns: Int) throws {
    var engine = SmilingEngine()
    engine.width = 8
    engine.height = 8
    let state = Scenes.started(columns, 24, steps: 50, engine: &engine)
    for rows in [1, 2, 3, 5, 12, 24, 60] {
      let frame = view(
        state, size: Size(columns: columns, rows: rows), capabilities: Scenes.fullColor, theme: state.theme)
      let lines = FrameText(frame).text.split(separator: "\n")
      let pattern = #/seed 42(\ {2,}|·)step 0/50(\ {2,}|·)device cpu(\ {2,}|·)noise cpu/#
      #expect(lines.count { $0.contains(pattern) } == 1, "\(columns)x\(rows)")
    }
  }

  @Test("has the picture that a run starts from, by its own name") func picture() throws {
    var engine = SmilingEngine()
    var state = Scenes.started(100, 24, steps: 50, engine: &engine)
    for command in ["picture photos/my cat.png", "strength 0.25"] {
      engine.carryOut(reduce(&state, .key(.character(":"))), on: &state)
      for character in command { engine.carryOut(reduce(&state, .key(.character(character))), on: &state) }
      engine.carryOut(reduce(&state, .key(.enter)), on: &state)
    }
    #expect(state.settings.initImage == PictureReference("photos/my cat.png"))
    #expect(FrameText(view(state)).text.contains("noise cpu    picture my cat.png 0.25"))
  }

  @Test(
    "has the time left of a long run while it is computed, and of no short one",
    arguments: [(1000, true), (200, false)])
  func timeLeft(steps: Int, isShown: Bool) throws {
    var engine = SmilingEngine()
    var state = Scenes.started(120, 24, steps: steps, engine: &engine)
    engine.press(.right, on: &state)
    #expect(!FrameText(view(state)).text.contains(" left"))
    // Each step takes 1/32 of a second.
    engine.answersSteps = false
    engine.press(.end, on: &state)
    let text = FrameText(view(state)).text
    #expect(text.contains("to step 1000, 31.2 s left") == isShown && text.contains("to step \(steps)"))
  }

  @Test("names a demonstration as one, and its threads where runs differ in them") func demonstration() throws {
    var engine = SmilingEngine()
    let device = try Device(parsing: "cpu:reassociated")
    let runs = (1...2).map { RunRequest(settings: RunSettings(steps: 4, device: device, threads: $0)) }
    var state = State(
      size: Size(columns: 160, rows: 40), capabilities: Scenes.fullColor, run: runs[0], others: [runs[1]])
    engine.carryOut(state.start(), on: &state)
    let text = FrameText(view(state)).text
    #expect(text.contains("device cpu:reassociated (demonstration)"))
    #expect(text.contains("2 threads"))
  }

  @Test("is all that is left on the smallest screens") func smallest() {
    var engine = SmilingEngine()
    let state = Scenes.started(20, 1, steps: 50, engine: &engine)
    #expect(FrameText(view(state)).text == "seed 42·step 0/50\n")
  }
}
