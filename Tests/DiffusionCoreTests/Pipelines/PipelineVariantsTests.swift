import DemoModel
import DiffusionCore
import TestSupport
import Testing

@Suite("Runs of one pipeline on several devices and precisions")
struct PipelineVariantsTests {
  private func variants() throws -> PipelineVariants {
    PipelineVariants(try .fromPretrained("\(Fixtures.folder)/unet/two-levels", threads: 1))
  }

  @Test("share a model, and so a pass, if their settings agree")
  func sharing() throws {
    var variants = try variants()
    let runs = try [
      RunSettings(seeds: [1], steps: 2, threads: 1), RunSettings(seeds: [2], steps: 2, threads: 2),
      RunSettings(seeds: [3], steps: 2, threads: 1, weights: .bfloat16),
      RunSettings(seeds: [4], steps: 2, device: .cpuReference, threads: 1),
      RunSettings(seeds: [5], steps: 2, threads: 2), RunSettings(seeds: [6], steps: 2, threads: 1),
      RunSettings(seeds: [7], steps: 2, threads: 1, weights: .bfloat16),
    ].map { try variants.run($0) }
    #expect(DenoisingRun.sharedPasses(of: runs) == [[0, 5], [1, 4], [2, 6], [3]])
  }

  @Test("give the same bits as the pipeline's own runs")
  func bits() throws {
    var variants = try variants()
    for weights in WeightPrecision.allCases {
      let settings = RunSettings(steps: 1, threads: 2, weights: weights)
      var run = try variants.run(settings)
      var expected = try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/two-levels", threads: 1).run(settings)
      #expect(try run.step().prevSample.isBitEqual(to: expected.step().prevSample))
      #expect(variants.current.model.weights == weights)
    }
  }

  /// What an unconditional model has no use for; `StableDiffusionTests` has runs with prompts.
  private static let ofPrompts = Set(
    Setting.ofPrompts + Setting.ofStages + Setting.ofSizes + [.height, .width])

  @Test("refuse what the model has no use for", arguments: ofPrompts)
  func refusals(setting: Setting) throws {
    var variants = try variants(), request = RunRequest.plain(for: setting)
    try setting.assign(setting.value(of: .unusual), to: &request)
    let error = #expect(throws: DiffusionError.self) { _ = try variants.run(request.settings) }
    let reason =
      Setting.ofStages.contains(setting)
      ? "the model has one stage"
      : Setting.ofSizes.contains(setting) ? "it is for Stable Diffusion XL" : "unconditional"
    #expect(error?.kind == .usage && error?.message.contains(reason) == true)
  }

  @Test(
    "recreate what the table of settings states for each",
    arguments: Setting.ofRunSettings.filter { !ofPrompts.contains($0) })
  func restarts(setting: Setting) throws {
    var variants = try variants()
    var plain = RunRequest.plain(for: setting)
    (plain.settings.batchSize, plain.settings.steps) = (3, setting == .strength ? 4 : 2)
    var changed = plain
    try setting.assign(setting.value(of: .unusual), to: &changed)
    if setting == .schedulerOptions { changed.settings.schedulerOptions = ["steps_offset": .integer(1)] }
    if setting == .image { plain.settings.selection.image = 1 }
    func start(_ settings: RunSettings) throws -> RunStart {
      settings.initImage == nil ? .noise : .picture(try DemoModel.picture)
    }
    let before = try variants.run(plain.settings, from: start(plain.settings)), model = variants.current.model
    let after = try variants.run(changed.settings, from: start(changed.settings))
    #expect((variants.current.model !== model) == (setting.restarts == .model))
    guard setting.restarts != .noise else { return }
    #expect(after.initialNoise == before.initialNoise)
    #expect(setting.restarts == .schedule || after.schedule == before.schedule)
  }

  @Test("release a model that no run uses any more")
  func memory() throws {
    var variants = try variants()
    weak var model: (any PipelineModel)?
    do {
      let run = try variants.run(RunSettings(threads: 2))
      model = variants.current.model
      #expect(run.settings.threads == 2)
    }
    #expect(model != nil)
    _ = try variants.run(RunSettings(threads: 1))
    #expect(model == nil)
  }
}
