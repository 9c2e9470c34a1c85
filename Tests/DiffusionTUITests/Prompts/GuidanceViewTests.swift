import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Predictions without and with the prompt") struct GuidanceViewTests {
  var engine = SmilingEngine()

  init() { engine.useLatents() }

  private mutating func started(
    _ scale: Double = 2, batch: Int = 1, steps: Int = 4, _ columns: Int = 100, _ rows: Int = 30, negative: String = ""
  ) -> State {
    engine.batch = batch
    var settings = RunSettings(seeds: [42], batchSize: batch, steps: steps, threads: 2, prompts: ["pizza"])
    (settings.guidanceScale, settings.negativePrompt) = (scale, negative)
    return Scenes.comparing([settings], columns, rows, engine: &engine)
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  private func numbers(_ tensor: Tensor<Float>) -> [String] {
    let statistics = TensorStatistics(of: tensor)
    return [
      "mean \(NumberText.fixed(statistics.mean, 3))  std \(NumberText.fixed(statistics.std, 3))",
      "min \(NumberText.fixed(Double(statistics.min), 3))  max \(NumberText.fixed(Double(statistics.max), 3))",
    ]
  }

  @Test("E shows the originals, then the outputs, then one picture again; Esc closes either") mutating func keys() {
    var state = started()
    engine.press(.right, .character("E"), on: &state)
    #expect(state.threeUpSubject == .guidedOriginals)
    engine.press(.character("E"), on: &state)
    #expect(state.threeUpSubject == .guidedOutputs)
    engine.press(.character("E"), on: &state)
    #expect(state.threeUpSubject == nil)
    engine.press(.character("E"), .escape, on: &state)
    #expect(state.layers == [])
    engine.press(.character("T"), .character("E"), on: &state)
    #expect(state.threeUpSubject == .guidedOriginals)
    engine.press(.character("T"), on: &state)
    #expect(state.threeUpSubject == .step)
    engine.press(.character("T"), on: &state)
    #expect(state.threeUpSubject == nil)
  }

  @Test(
    "each of the three has its numbers, at every step and size",
    arguments: [(80, 24), (100, 30), (200, 60)], [ThreeUpSubject.guidedOriginals, .guidedOutputs])
  mutating func statistics(size: (Int, Int), subject: ThreeUpSubject) throws {
    var state = started(2, steps: 4, size.0, size.1)
    engine.press(.character("E"), on: &state)
    if subject == .guidedOutputs { engine.press(.character("E"), on: &state) }
    #expect(text(state).contains("not yet: press right to take the first step"))
    for index in 0..<3 {
      engine.press(.right, on: &state)
      let halves = try #require(state.run?.history[index].step.guidance)
      let (without, with) =
        subject == .guidedOutputs
        ? (halves.unconditional, halves.conditional)
        : try (
          halves.predOriginalSample(from: halves.unconditional), halves.predOriginalSample(from: halves.conditional)
        )
      let difference = try Tensor(
        shape: with.shape, scalars: zip(with.scalars, without.scalars).map { $0 - $1 })
      for line in [without, with, difference].flatMap(numbers) { #expect(text(state).contains(line)) }
      #expect(text(state).contains("without the prompt") && text(state).contains("with - without"))
      #expect(text(state).contains("-1 blue, 0 white, +1 red"))
      #expect(text(state).contains("linear preview") == (subject == .guidedOriginals))
    }
    let there = text(state)
    engine.press(.left, on: &state)
    #expect(text(state) != there)
    engine.press(.right, on: &state)
    #expect(text(state) == there)
  }

  @Test("the numbers are of the image that is shown, the first of the batch") mutating func batch() throws {
    var state = started(2, batch: 3)
    engine.press(.right, .character("E"), on: &state)
    let guidance = try #require(state.run?.history[0].step.guidance)
    let half = try guidance.predOriginalSample(from: guidance.conditional)
    let first = try Tensor(shape: [1] + half.shape.dropFirst(), scalars: Array(half.scalars.prefix(half.count / 3)))
    for line in numbers(first) { #expect(text(state).contains(line)) }
    #expect(state.guidanceParts?.guided.shape == [1, 4, 8, 8])
    #expect(text(state).contains("guided = without + 2 (with - without), image 1 of 3"))
  }

  @Test("the panel has the formula with the scale, and the guided result") mutating func panel() throws {
    var state = started(2.5, 100, 40, negative: "red wine")
    engine.press(.right, .character("E"), on: &state)
    #expect(text(state).contains("guided = without + 2.5 (with - without)"))
    #expect(text(state).contains("with the negative prompt"))
    let guided = try #require(state.run?.history[0].step.predOriginalSample)
    #expect(text(state).contains("guided:  " + numbers(guided)[0]) && text(state).contains("   " + numbers(guided)[1]))
    _ = reduce(&state, .resize(Size(columns: 200, rows: 60)))
    #expect(text(state).contains("guided:  " + numbers(guided)[0]))
  }

  @Test("the scale of the difference is changed by [ and ]") mutating func scale() {
    var state = started()
    engine.press(.right, .character("E"), .character("]"), on: &state)
    #expect(state.notice == nil && text(state).contains("-0.1 blue, 0 white, +0.1 red"))
  }

  @Test("V shows one channel alone, and z zooms into the latents, decoded or not") mutating func channel() {
    var state = started(steps: 2)
    engine.press(.end, .character("E"), .character("V"), on: &state)
    #expect(text(state).contains("channel 1 of 4"))
    engine.press(.character("z"), .character("z"), on: &state)
    #expect(state.viewport?.picture == Size(columns: 8, rows: 8) && !text(state).contains("not yet"))
  }

  @Test("one line says why there are no halves") mutating func absence() {
    var state = started(1)
    engine.press(.right, .character("E"), on: &state)
    #expect(text(state).contains("guidance 1 takes one prediction a step: press W for more"))
    var other = SmilingEngine()
    state = Scenes.after(2, 100, 30, steps: 4, engine: &other)
    other.press(.character("E"), on: &state)
    #expect(text(state).contains("ddpm-emoji-32 reads no prompt: one prediction a step"))
    engine.readsGuidance = true
    state = started(7)
    engine.press(.right, .character("E"), on: &state)
    #expect(text(state).contains("the model reads the guidance itself: one prediction a step"))
  }

  @Test("beside others it is of the run in focus") mutating func comparing() {
    let runs = [1, 2, 5].map { scale in
      RunSettings(seeds: [42], steps: 4, threads: 2, prompts: ["pizza"], guidanceScale: scale)
    }
    var state = Scenes.comparing(runs, 120, 40, engine: &engine)
    engine.press(.right, .character("E"), on: &state)
    #expect(text(state).contains("guidance 1 takes one prediction a step"))
    engine.press(.tab, on: &state)
    #expect(text(state).contains("guided = without + 2 (with - without)"))
    let second = text(state)
    engine.press(.tab, on: &state)
    #expect(text(state).contains("guided = without + 5 (with - without)") && text(state) != second)
  }

  @Test("the session keeps it") mutating func session() throws {
    var state = started()
    engine.press(.right, .character("E"), .character("E"), on: &state)
    let saved = state.savedSession()
    var other = started()
    engine.carryOut(try other.resume(saved, keepsTheme: false, keepsRenderer: false), on: &other)
    #expect(other.threeUpSubject == .guidedOutputs)
  }
}
