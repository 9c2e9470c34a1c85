import DemoModel
import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Attention on the screen") struct AttentionTests {
  var engine = SmilingEngine()

  init() { engine.useLatents() }

  private mutating func after(_ steps: Int, _ prompt: String = "pizza", _ columns: Int = 100, _ rows: Int = 30) -> State
  {
    var state = Scenes.prompted([prompt], steps: 4, columns, rows, engine: &engine)
    for _ in 0..<steps { engine.press(.right, on: &state) }
    return state
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test(
    "H shows a map of each token with its numbers, at every step and size", arguments: [(80, 24), (100, 30), (200, 60)])
  mutating func maps(columns: Int, rows: Int) throws {
    var state = after(1, "pizza", columns, rows)
    engine.press(.character("H"), on: &state)
    for step in 1...3 {
      let maps = try #require(state.tokenMaps)
      #expect(state.position == step && maps.tokens.map(\.text) == ["begin", "pizz", "a", "end", "pad (12)"])
      #expect(abs(maps.tokens.reduce(0) { $0 + $1.mean } - 1) < 1e-5)
      for token in maps.tokens {
        #expect(text(state).contains(token.text))
        #expect(text(state).contains("mean \(NumberText.fixed(100 * token.mean, 1))%"))
        #expect(text(state).contains("max \(NumberText.fixed(100 * token.largest, 1))%"))
      }
      #expect(text(state).contains("attention of step \(step)"))
      engine.press(.right, on: &state)
    }
    let last = text(state)
    engine.press(.left, on: &state)
    #expect(text(state) != last)
    engine.press(.right, .character("H"), on: &state)
    #expect(!state.showsAttention)
  }

  @Test("up and down choose a token, Enter shows it large, Esc closes the view") mutating func choice() {
    var state = after(2)
    engine.press(.character("H"), .down, .down, .down, .up, on: &state)
    #expect(state.attentionChoice == AttentionChoice(token: 2))
    engine.press(.enter, on: &state)
    #expect(state.attentionChoice == AttentionChoice(token: 2, isLarge: true))
    #expect(text(state).contains("pad (12)"), "the list has all of them")
    engine.press(.down, .down, .down, .down, on: &state)
    #expect(state.attentionChoice?.token == 4)
    engine.press(.up, .up, .up, .up, .up, .up, on: &state)
    #expect(state.attentionChoice?.token == 0)
    engine.press(.right, on: &state)
    #expect(state.position == 3 && state.attentionChoice?.isLarge == true)
    engine.press(.enter, .escape, on: &state)
    #expect(state.layers == [])
  }

  @Test("the map is orange at its largest, and the picture in gray where there is none") func colors() {
    let token = TokenMaps.Token(text: "a", weights: [0.25, 0.375, 0.75, 0.25])
    #expect(token.mean == 0.40625 && token.least == 0.25 && token.largest == 0.75)
    let white = Picture(columns: 4, rows: 4, pixels: Array(repeating: RGB(255, 255, 255), count: 16))
    let picture = token.picture(over: white, size: Size(columns: 2, rows: 2))
    #expect(picture.size == Size(columns: 4, rows: 4))
    #expect(picture[0, 0] == RGB(127, 127, 127) && picture[3, 3] == RGB(127, 127, 127))
    #expect(picture[0, 3] == RGB(255, 160, 40) && picture[1, 2] == RGB(255, 160, 40))
    #expect(token.picture(over: nil, size: Size(columns: 2, rows: 2))[0, 0] == RGB(0, 0, 0))
  }

  @Test("each token has its own weights and numbers, and all of the padding is one") func numbers() throws {
    let tokens = ["<|startoftext|>", "piz", "za</w>", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>"]
    let prompt = TokenizedPrompt(
      prompt: "pizza", tokens: tokens.map { TokenizedPrompt.Token(id: 0, text: $0) }, count: 4, dropped: [])
    // Two pixels beside each other, token by token.
    let weights: [Float] = [0.5, 0.125, 0.125, 0.25, 0.125, 0, 0, 0.125, 0.1875, 0.25, 0.0625, 0.25]
    let maps = TokenMaps(
      TextAttention(prompt: prompt, weights: try Tensor(shape: [1, 6, 1, 2], scalars: weights)))
    #expect(maps.size == Size(columns: 2, rows: 1))
    #expect(maps.tokens.map(\.text) == ["begin", "piz", "za", "end", "pad (2)"])
    #expect(maps.tokens.map(\.weights) == [[0.5, 0.125], [0.125, 0.25], [0.125, 0], [0, 0.125], [0.25, 0.5]])
    #expect(maps.tokens.map(\.mean) == [0.3125, 0.1875, 0.0625, 0.0625, 0.375])
    #expect(maps.tokens.map(\.least) == [0.125, 0.125, 0, 0, 0.25])
    #expect(maps.tokens.map(\.largest) == [0.5, 0.25, 0.125, 0.125, 0.5])
  }

  @Test("a decoded picture lies beneath the maps as a preview does") mutating func decoded() throws {
    var state = after(2)
    engine.press(.character("H"), on: &state)
    let preview = FrameANSI(view(state)).text
    engine.press(.character("I"), on: &state)
    let run = try #require(state.run)
    #expect(run.decodedImage(.sample, at: 2)?.planes.shape == [1, 3, 32, 32])
    #expect(state.tokenMaps != nil && text(state).contains("attention of step 2"))
    #expect(FrameANSI(view(state)).text != preview)
  }

  @Test("keys that have nothing to act on say so and change nothing", arguments: ["p", "P", "z", "Z", "[", "]"])
  mutating func refusals(key: Character) {
    var state = after(2)
    engine.press(.character("z"), .character("H"), on: &state)
    let (layers, inspection) = (state.layers, state.inspection)
    #expect(state.viewport == nil && state.showsAttention)
    engine.press(.character(key), on: &state)
    #expect(state.layers == layers && state.inspection == inspection)
    #expect(state.notice?.hasSuffix("press H to leave the attention") == true)
    engine.press(.down, .character("H"), on: &state)
    #expect(state.viewport != nil, "the zoom is where it was")
  }

  @Test("long prompts have pages around the chosen token", arguments: [(80, 24), (60, 12), (30, 20)])
  mutating func pages(columns: Int, rows: Int) throws {
    engine.promptTokens = 40
    var state = after(1, String(repeating: "wonderful 界 ", count: 20), columns, rows)
    engine.press(.character("H"), on: &state)
    let count = try #require(state.tokenMaps?.tokens.count)
    #expect(count == 40)
    for _ in 0..<count {
      let token = try #require(state.attentionChoice.flatMap { state.tokenMaps?.tokens[$0.token] })
      #expect(text(state).contains(" \(token.text)") || rows < 14)
      #expect(StateInvariants.broken(byScreenOf: state) == nil)
      engine.press(.enter, on: &state)
      #expect(StateInvariants.broken(byScreenOf: state) == nil)
      engine.press(.enter, .down, on: &state)
    }
    #expect(state.attentionChoice?.token == count - 1)
  }

  @Test("it is not computed behind the gallery or help", arguments: ["G", "?"]) mutating func covered(key: Character) {
    engine.answersAttention = false
    var state = after(1)
    engine.press(.character("H"), on: &state)
    #expect(engine.attentionWaiting?.position == 1)
    engine.press(.character(key), on: &state)
    #expect(engine.attentionWaiting == nil)
    engine.press(.escape, on: &state)
    #expect(state.showsAttention && engine.attentionWaiting?.position == 1)
  }

  @Test("it is computed while it is looked at; steps and decoding come first") mutating func background() {
    engine.answersAttention = false
    var state = after(1)
    #expect(engine.attentionWaiting == nil)
    engine.press(.character("H"), on: &state)
    #expect(engine.attentionWaiting?.position == 1 && state.isBusy)
    #expect(text(state).contains("computing the attention of step 1"))
    engine.press(.right, on: &state)
    #expect(engine.attentionWaiting?.position == 2)
    let late = engine.finishAttention()
    engine.press(.left, on: &state)
    for action in late { #expect(!reduce(&state, action).contains(.cancel)) }
    #expect(state.tokenMaps == nil && engine.attentionWaiting?.position == 1, "an answer for another step is dropped")
    engine.answersDecoding = false
    engine.press(.character("I"), on: &state)
    #expect(engine.decodingWaiting != nil && engine.attentionWaiting == nil)
    for action in engine.finishDecoding() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(engine.attentionWaiting?.position == 1, "asked for again")
    for action in engine.finishAttention() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.tokenMaps != nil && !state.isBusy)
    engine.press(.right, .escape, on: &state)
    #expect(engine.attentionWaiting == nil && state.attention.current == nil)
  }

  @Test("the last maps are kept, and none of a run that is closed") mutating func cache() {
    var state = Scenes.prompted(["pizza"], steps: 50, engine: &engine)
    engine.press(.right, .character("H"), on: &state)
    for _ in 1..<50 { engine.press(.right, on: &state) }
    let run = state.run?.number ?? 0
    let kept = (1...50).filter { state.attention[AttentionRequest(run: run, position: $0)] != nil }
    #expect(kept == Array(19...50))
    engine.press(.character("r"), on: &state)
    #expect((1...50).allSatisfy { state.attention[AttentionRequest(run: run, position: $0)] == nil })
  }

  @Test("one line says why there is nothing") mutating func absence() {
    var state = after(0)
    engine.press(.character("H"), on: &state)
    #expect(text(state).contains("not yet: press right to take the first step"))
    engine.attentionFailure = "out of memory"
    engine.press(.right, on: &state)
    #expect(text(state).contains("out of memory") && engine.attentionWaiting == nil)
    engine.attentionFailure = nil
    engine.press(.character("H"), .character("H"), on: &state)
    #expect(state.tokenMaps != nil, "tried again when it is opened again")
    var other = SmilingEngine()
    state = Scenes.after(2, 100, 30, steps: 4, engine: &other)
    other.press(.character("H"), on: &state)
    #expect(text(state).contains("ddpm-emoji-32 reads no prompt: it has no tokens to attend to"))
  }

  @Test("three pictures and attention lie on each other in the order of their keys") mutating func order() {
    var state = after(2)
    engine.press(.character("T"), .character("H"), on: &state)
    #expect(state.showsAttention)
    engine.press(.character("T"), on: &state)
    #expect(!state.showsAttention && state.threeUpSubject == .step && text(state).contains("predicted noise"))
    engine.press(.character("H"), on: &state)
    #expect(state.showsAttention)
    engine.press(.escape, .escape, on: &state)
    #expect(state.layers == [])
  }

  @Test("beside others it is of the run in focus; the session keeps the token") mutating func comparing() throws {
    let runs = ["pizza", "cat"].map { RunSettings(seeds: [42], steps: 4, threads: 2, prompts: [$0]) }
    var state = Scenes.comparing(runs, 120, 40, engine: &engine)
    engine.press(.right, .character("H"), .down, on: &state)
    #expect(text(state).contains("pizz"))
    engine.press(.tab, on: &state)
    #expect(text(state).contains(" cat "))
    let saved = state.savedSession()
    var other = Scenes.comparing(runs, 120, 40, engine: &engine)
    engine.carryOut(try other.resume(saved, keepsTheme: false, keepsRenderer: false), on: &other)
    #expect(other.attentionChoice == AttentionChoice(token: 1))
  }

  @Test(
    "a session shows again what was seen of three pictures, a zoom and attention", arguments: ["TH", "HT", "zTH", "zH"])
  mutating func session(keys: String) throws {
    var state = after(2)
    for key in keys { engine.press(.character(key), on: &state) }
    var other = after(2)
    engine.carryOut(
      try other.resume(state.savedSession(), keepsTheme: false, keepsRenderer: false), on: &other)
    #expect(other.showsAttention == state.showsAttention && other.threeUpSubject == state.threeUpSubject)
    #expect(other.viewport == state.viewport)
    #expect(text(other) == text(state))
  }

  @Test("the run's samples are the same with the view open") func unchanged() throws {
    func history(_ keys: [Key]) throws -> [DenoisingStep] {
      var settings = RunSettings(seeds: [5], steps: 3, eta: 1, threads: 2, prompts: ["pizza"])
      settings.guidanceScale = 3
      let state = State(
        size: Size(columns: 100, rows: 30), capabilities: Scenes.fullColor,
        run: RunRequest(model: .promptDemo, settings: settings))
      let engine = PipelineEngine(open: { _ in
        try DiffusionPipeline.load(DemoModel.source(named: ModelReference.promptDemoName), threads: 2)
      })
      var player = SnapshotPlayer(state: state, engine: engine, drawSeed: { 0 })
      _ = try player.play(keys)
      #expect((player.state.tokenMaps != nil) == keys.contains(.character("H")))
      return player.state.run?.history.map(\.step) ?? []
    }
    let plain = try history([.right, .right, .right])
    let watched = try history([.right, .character("H"), .right, .left, .right, .right])
    #expect(plain.count == 3 && plain.map(\.prevSample) == watched.map(\.prevSample))
    #expect(plain.map(\.guidance) == watched.map(\.guidance))
  }
}

/// A run whose model attends without end once it is asked to.
private struct AttentiveRun: SteppableRun {
  let run: LatentRun
  var settings: RunSettings { run.settings }
  var schedule: [UpdateTerms] { run.schedule }
  var initialNoise: Tensor<Float> { run.initialNoise }
  var completedSteps: Int { run.completedSteps }
  private var taken: LatentRun

  init(_ settings: RunSettings) throws {
    run = try LatentRun(settings)
    taken = run
  }

  mutating func step(progress: ForwardProgressHandler?) throws -> DenoisingStep { try taken.step(progress: progress) }

  func textAttention(of step: DenoisingStep, progress: ForwardProgressHandler?) throws -> TextAttention? {
    while true { try progress?(ForwardProgress(block: "mid_block.attentions.0", completed: 0, total: 4)) }
  }
}

private struct AttentiveEngine: DenoisingEngine {
  func makeRun(_ request: RunRequest) throws -> any SteppableRun { try AttentiveRun(request.settings) }
}

@Suite("Computing attention") struct AttendingTests {
  @Test("is stopped before the model's next block", .timeLimit(.minutes(1))) func interrupted() async throws {
    let session = DenoisingSession { AttentiveEngine() }
    _ = try await session.start(run: 1, RunRequest(settings: RunSettings(steps: 2, threads: 1)))
    try await session.step([(run: 1, index: 0)], progress: { _, _ in }) { _, _ in }
    let attending = Task.detached { try await session.attend(AttentionRequest(run: 1, position: 1)) }
    try await Task.sleep(for: .milliseconds(20))
    attending.cancel()
    await #expect(throws: CancellationError.self) { try await attending.value }
    await #expect(throws: DiffusionError.self) { try await session.attend(AttentionRequest(run: 1, position: 2)) }
    _ = try await session.start(run: 2, RunRequest(settings: RunSettings(steps: 2, threads: 1)))
  }
}
