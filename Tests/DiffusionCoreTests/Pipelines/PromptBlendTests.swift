import DemoModel
import DiffusionCore
import TestSupport
import Testing

@Suite("A blend of two prompts") struct PromptBlendTests {
  private static let model = Result {
    try DiffusionPipeline.load(DemoModel.source(named: ModelReference.promptDemoName), threads: 2)
  }
  private var pipeline: DiffusionPipeline { get throws { try Self.model.get() } }

  private func settings(_ prompts: [String], _ blend: PromptBlend? = nil, guidance: Double = 2) -> RunSettings {
    RunSettings(
      batchSize: max(1, prompts.count), steps: 2, threads: 2, prompts: prompts, negativePrompt: "cat",
      guidanceScale: guidance, promptBlend: blend)
  }

  private func states(_ settings: RunSettings) throws -> Tensor<Float> {
    try #require(try pipeline.model.conditioning(of: settings).conditional.encoderHiddenStates)
  }

  private func last(_ settings: RunSettings) throws -> Tensor<Float> {
    var run = try pipeline.run(settings)
    while !run.isFinished { _ = try run.step() }
    return run.sample
  }

  @Test("is a + w (b - a), rounded after each operation, for every token and image", arguments: [0.3, 0.5, 0.999])
  func order(strength: Double) throws {
    let own = try states(settings(["pizza", "angry cat"])), other = try states(settings(["red heart", "red heart"]))
    let mixed = try states(settings(["pizza", "angry cat"], PromptBlend(prompt: "red heart", strength: strength)))
    let weight = Float(strength)
    #expect(own.shape == [2, 16, 128] && mixed.shape == own.shape)
    for index in own.scalars.indices {
      let difference = other.scalars[index] - own.scalars[index], part = weight * difference
      #expect(mixed.scalars[index] == own.scalars[index] + part)
    }
    let padding = 15 * 128..<16 * 128
    #expect(mixed.scalars[padding] != own.scalars[padding], "padding is mixed, too")
  }

  @Test("is the first prompt at 0 and the other at 1, in every bit", arguments: [1.0, 2.0])
  func ends(guidance: Double) throws {
    let heart = { PromptBlend(prompt: "red heart", strength: $0) }
    let first = try last(settings(["pizza"], guidance: guidance))
    let second = try last(settings(["red heart"], guidance: guidance))
    #expect(try last(settings(["pizza"], heart(0), guidance: guidance)).isBitEqual(to: first))
    #expect(try last(settings(["pizza"], heart(1), guidance: guidance)).isBitEqual(to: second))
    let half = try last(settings(["pizza"], heart(0.5), guidance: guidance))
    for end in [first, second] {
      #expect(try TensorComparison(reference: end, other: half).maximumAbsoluteDifference > 0.01)
    }
  }

  @Test("leaves the prediction without the prompt as it is, and is cut as any prompt") func unconditional() throws {
    let blend = PromptBlend(prompt: Array(repeating: "heart", count: 20).joined(separator: " "), strength: 0.5)
    let plain = try pipeline.model.conditioning(of: settings(["pizza"]))
    let mixed = try pipeline.model.conditioning(of: settings(["pizza"], blend))
    #expect(mixed.guidance?.unconditional == plain.guidance?.unconditional)
    #expect(mixed.conditional != plain.conditional)
    #expect(mixed.prompts.map(\.prompt) == ["pizza", blend.prompt, "cat"] && !mixed.prompts[1].dropped.isEmpty)
  }

  @Test("takes the same bits alone and in a batch with runs of other prompts") func batches() throws {
    let all = [
      settings(["pizza"], PromptBlend(prompt: "red heart", strength: 0.4)), settings(["cat face"]),
    ]
    var variants = PipelineVariants(try pipeline)
    var together = try all.map { try variants.run($0) }
    #expect(DenoisingRun.sharedPasses(of: together) == [[0, 1]])
    for _ in 0..<2 { _ = try DenoisingRun.step(&together).map { try $0.get() } }
    for (run, own) in zip(together, all) { #expect(try run.sample.isBitEqual(to: last(own))) }
  }

  private static let blends = [
    PromptBlend(prompt: "red heart", strength: 0.35), PromptBlend(prompt: "", strength: 0),
    PromptBlend(prompt: "a x 0.3", strength: 1), PromptBlend(prompt: "x", strength: 0.1),
    PromptBlend(prompt: "[\"a\"]", strength: 0.5), PromptBlend(prompt: " two  spaces ", strength: 0.123456789),
    PromptBlend(prompt: "a\nb", strength: 1e-7), PromptBlend(prompt: "off", strength: 0.5),
    PromptBlend(prompt: "a, b; c=d [e] x 1", strength: 0.5), PromptBlend(prompt: "x x x", strength: 0.5),
  ]

  @Test("is typed as a prompt and a strength, and every one comes back", arguments: blends)
  func typed(blend: PromptBlend) throws {
    var request = RunRequest.plain, read = RunRequest.plain
    request.settings.promptBlend = blend
    try Setting.promptBlend.assign(text: Setting.promptBlend.text(of: request), to: &read)
    #expect(read == request, "\(Setting.promptBlend.text(of: request))")
    #expect(ModelReference(meantBy: request.settings) == .promptDemo)
    try Setting.promptBlend.assign(text: "off", to: &read)
    #expect(read == .plain)
  }

  @Test("a branch changes or ends it, and is read back from its text and from files", arguments: blends)
  func branch(blend: PromptBlend) throws {
    var other = RunRequest.plain, request = RunRequest.plain, read = RunRequest.plain
    other.settings.promptBlend = blend
    request.settings.prompts = ["pizza"]
    request.settings.branches = [
      RunBranch(step: 2, changes: RunBranch.changes(from: read.settings, to: other.settings)),
      RunBranch(step: 3, changes: ["prompt_blend": .null, "steps": .integer(9)]),
    ]
    let line = Setting.branches.text(of: request)
    try Setting.branches.assign(text: line, to: &read)
    #expect(read.settings.branches == request.settings.branches, "\(line)")
    #expect(try read.settings.parts().map(\.settings.promptBlend) == [nil, blend, nil])
    read = .plain
    try Setting.branches.assign(Setting.branches.value(of: request), to: &read)
    #expect(read.settings.branches == request.settings.branches)
    #expect(read.settings.branchesInWords[0].words == Setting.promptBlend.title(of: other))
  }

  @Test("changes at a branch, from the same sample") func branchedRun() throws {
    let plain = settings(["pizza"]), blended = settings(["pizza"], PromptBlend(prompt: "red heart", strength: 1))
    var (branched, heart) = (plain, plain)
    branched.branches = [RunBranch(step: 1, changes: RunBranch.changes(from: plain, to: blended))]
    heart.branches = [RunBranch(step: 1, changes: ["prompt": .list([.text("red heart")])])]
    let sample = try last(branched)
    #expect(try sample.isBitEqual(to: last(heart)))
    #expect(try !sample.isBitEqual(to: last(plain)))
  }

  @Test("needs a prompt to blend with, in every part of a run") func alone() throws {
    let blend = PromptBlend(prompt: "red heart", strength: 0.5), pipeline = try pipeline
    var later = settings(["pizza"], blend)
    later.branches = [RunBranch(step: 1, changes: ["prompt": .list([])])]
    for settings in [settings([], blend), later] {
      var variants = PipelineVariants(pipeline)
      let error = #expect(throws: DiffusionError.self) { _ = try variants.run(settings) }
      #expect(error?.kind == .usage && error?.message.contains("there is no prompt to blend with") == true)
    }
    // An empty prompt is one.
    #expect(throws: Never.self) { try pipeline.run(settings([""], blend)) }
  }

  @Test("may be typed without the x") func plain() throws {
    var request = RunRequest.plain
    try Setting.promptBlend.assign(text: "red heart 0.25", to: &request)
    #expect(request.settings.promptBlend == PromptBlend(prompt: "red heart", strength: 0.25))
  }

  @Test(
    "is refused where it is wrong",
    arguments: [
      "red heart", "red heart x 1.5", "red heart x -0.1", "red heart x nan", "red heart x inf", "red heart x", "0.5",
      "?!", "",
    ])
  func wrong(text: String) {
    var request = RunRequest.plain
    let error = #expect(throws: DiffusionError.self) { try Setting.promptBlend.assign(text: text, to: &request) }
    #expect(error?.kind == .usage && request == .plain)
  }
}
