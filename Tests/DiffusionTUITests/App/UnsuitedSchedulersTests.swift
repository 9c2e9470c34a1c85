import DiffusionCore
import DiffusionTUI
import FoundationEssentials
import TestSupport
import Testing

@Suite("Schedulers that are not made for a model")
struct UnsuitedSchedulersTests {
  private func source(_ model: String) throws -> SchedulerSource {
    try SchedulerSource(ModelSource(resolving: "\(Fixtures.folder)/\(model)", environment: [:]))
  }

  @Test("are those that tell it something else of the noise than it was trained with")
  func kinds() throws {
    let others = [
      "cm", "edm-dpm", "edm-euler", "flow-euler", "flow-heun", "ipndm", "karras-ve", "score-sde-ve", "unclip",
    ]
    let unsuited = try source("unet/two-levels").unsuited
    #expect(unsuited.keys.sorted() == others)
    #expect(unsuited["edm-euler"] == "tells the model log(sigma) / 4, not timesteps of training")
    let exploding = try source("pipelines/score-sde-ve").unsuited
    #expect(exploding["score-sde-ve"] == nil && exploding.count == SchedulerClass.all.count - 1)
    #expect(exploding["ddim"] == "tells the model timesteps of training, not sigma")
  }

  @Test("and those that do not read what it predicts; flow sigmas are for models of flow matching")
  func predictions() throws {
    func unsuited(_ values: [String: SettingValue]) -> [String: String] {
      SchedulerSource(
        className: "DDIMScheduler", reader: ConfigurationReader(file: "scheduler", values: values),
        pipeline: PipelineClass.all[0]
      ).unsuited
    }
    #expect(unsuited(["prediction_type": .text("sample")])["euler-ancestral"]?.contains("prediction_type") == true)
    #expect(unsuited(["prediction_type": .text("sample")])["euler"] == nil)
    let flow = SchedulerSource(
      className: "UniPCMultistepScheduler",
      reader: ConfigurationReader(file: "scheduler", values: ["use_flow_sigmas": .bool(true)]),
      pipeline: PipelineClass.all[0]
    ).unsuited
    #expect(flow["flow-euler"] == nil && flow["dpm-multi"] == nil && flow["ddim"] != nil)
  }

  @Test("are marked in the palette's list and in the editor, and run nevertheless")
  func marked() throws {
    let pipeline = try DiffusionPipeline.fromPretrained(Fixtures.folder + "/unet/two-levels", threads: 1)
    let run = try pipeline.run(RunSettings(seeds: [1], steps: 2, threads: 1, scheduler: "edm-euler"))
    #expect(run.unsuitedSchedulers["edm-euler"] != nil && run.unsuitedSchedulers["ddim"] == nil)
    var engine = SmilingEngine()
    var state = Scenes.after(1, steps: 2, engine: &engine)
    var context = CommandContext(state)
    context.unsuitedSchedulers = run.unsuitedSchedulers
    let marked = try #require(CommandEntry(.setting(.scheduler), value: "edm-euler", in: context))
    #expect(marked.help == "not made for this model: tells the model log(sigma) / 4, not timesteps of training")
    #expect(try #require(CommandEntry(.setting(.scheduler), value: "euler", in: context)).help.isEmpty)
    engine.press(.character("S"), on: &state)
    #expect(state.editor != nil && state.editor.flatMap { state.reservation(about: $0) } == nil)
  }
}
