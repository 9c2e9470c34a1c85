import DiffusionCore
import TestSupport
import Testing

@Suite("The settings of a prompt") struct PromptSettingsTests {
  private static let prompts = [
    ["pizza"], [""], ["a, b; c=d [e]"], ["[\"a\"]"], ["\"quoted\""], ["🍕\n\t\\"], ["a", "b, c=[1]; d"], ["seed=3"],
  ]

  @Test("texts are typed as they are, several as a list, and every text comes back", arguments: prompts)
  func typed(texts: [String]) throws {
    var request = RunRequest.plain
    request.settings.prompts = texts
    let line = Setting.prompt.text(of: request)
    var read = RunRequest.plain
    try Setting.prompt.assign(text: line, to: &read)
    #expect(read.settings.prompts == texts, "\(line)")
    if texts == ["pizza"] { #expect(line == "pizza") }
  }

  @Test("a branch with any prompt is read back from its text", arguments: prompts)
  func branch(texts: [String]) throws {
    var request = RunRequest.plain
    request.settings.batchSize = texts.count
    request.settings.branches = [
      RunBranch(step: 2, changes: ["prompt": .list(texts.map(SettingValue.text)), "steps": .integer(9)]),
      RunBranch(step: 4, changes: ["negative_prompt": .text(texts[0]), "guidance_scale": .integer(3)]),
    ]
    let line = Setting.branches.text(of: request)
    var read = RunRequest.plain
    read.settings.batchSize = texts.count
    try Setting.branches.assign(text: line, to: &read)
    #expect(read.settings.branches.map(\.step) == [2, 4], "\(line)")
    #expect(read.settings.branches[0].changes == request.settings.branches[0].changes, "\(line)")
    #expect(try read.settings.parts()[2].settings.negativePrompt == texts[0], "\(line)")
  }

  @Test("several prompts are one for each image")
  func batch() throws {
    var request = RunRequest.plain
    try Setting.prompt.assign(.list([.text("a"), .text("b")]), to: &request)
    #expect(request.settings.batchSize == 2)
    #expect(try RunSettings(threads: 1, prompts: ["a", "b", "c"]).resolved().batchSize == 3)
    #expect(throws: DiffusionError.self) {
      try RunSettings(batchSize: 2, threads: 1, prompts: ["a", "b", "c"]).resolved()
    }
    #expect(throws: DiffusionError.self) {
      try RunSettings(seeds: [1, 2], threads: 1, prompts: ["a", "b", "c"]).resolved()
    }
  }

  @Test("without a model, a prompt means the demo model that takes one")
  func model() {
    #expect(ModelReference(meantBy: RunSettings(threads: 1)) == .demo)
    #expect(ModelReference(meantBy: RunSettings(threads: 1, prompts: [""])) == .promptDemo)
    #expect(ModelReference(meantBy: RunSettings(threads: 1, guidanceScale: 3)) == .promptDemo)
    #expect(ModelReference("sd-emoji-64") == .promptDemo && ModelReference.promptDemo.path == nil)
    #expect(ModelReference("./sd-emoji-64").path == "./sd-emoji-64")
  }

  /// As `StableDiffusionPipeline.__init__` does, and what `from_config` makes of the corrected configuration.
  @Test("outdated options of a scheduler are corrected where the pipeline does it")
  func scheduler() throws {
    func values(
      _ own: String, _ config: [String: SettingValue], _ pipeline: String, as other: String? = nil
    ) throws -> [String: SettingValue] {
      let source = SchedulerSource(
        className: own, reader: ConfigurationReader(file: "x", values: config),
        pipeline: try #require(PipelineClass.all.first { $0.className == pipeline }))
      return try source.scheduler(other).config.values
    }
    let plain = try values("DDIMScheduler", [:], "StableDiffusionPipeline")
    #expect(plain["steps_offset"] == .integer(1) && plain["clip_sample"] == .bool(false))
    let kept = try values("DDIMScheduler", [:], "LatentConsistencyModelPipeline")
    #expect(kept["steps_offset"] == .integer(0) && kept["clip_sample"] == .bool(true))
    let outdated: [String: SettingValue] = ["steps_offset": .integer(0), "clip_sample": .bool(true)]
    let converted = try values("DDIMScheduler", outdated, "StableDiffusionPipeline", as: "euler")
    #expect(converted["steps_offset"] == .integer(1))
    let fromPNDM = try values("PNDMScheduler", ["steps_offset": .integer(0)], "StableDiffusionPipeline", as: "ddim")
    #expect(fromPNDM["steps_offset"] == .integer(1) && fromPNDM["clip_sample"] == .bool(true))
  }
}
