import DemoModel
import DiffusionCore
import TestSupport
import Testing

@Suite("Attention of a run's steps") struct TextAttentionTests {
  private static let pipeline = Result {
    try DiffusionPipeline.load(DemoModel.source(named: ModelReference.promptDemoName), threads: 2)
  }
  private var pipeline: DiffusionPipeline { get throws { try Self.pipeline.get() } }

  private func settings(_ prompts: [String], scheduler: String? = nil, batch: Int = 1) -> RunSettings {
    RunSettings(
      seeds: [3], batchSize: batch, steps: 4, threads: 2, scheduler: scheduler,
      schedulerOptions: scheduler == "unclip" ? RecordedScheduler.unclipOptions : [:], prompts: prompts,
      guidanceScale: 3)
  }

  private func taken(_ settings: RunSettings) throws -> (run: DenoisingRun, steps: [DenoisingStep]) {
    var run = try pipeline.run(settings), steps: [DenoisingStep] = []
    while !run.isFinished { steps.append(try run.step()) }
    return (run, steps)
  }

  @Test(
    "is that of the model's input with the prompt, at every step", arguments: SchedulerClass.all.map(\.shortName))
  func input(scheduler: String) throws {
    let (run, steps) = try taken(settings(["pizza"], scheduler: scheduler))
    let model = try #require(try pipeline.model as? StableDiffusionModel)
    let text = try model.conditioning(of: model.resolved(settings(["pizza"]).resolved())).conditional
    var former: Tensor<Float>?
    for step in steps {
      // A scheduler keeps what a step under way leaves.
      var own = run.scheduler
      try own.setTimesteps(4)
      let attention = try #require(try run.textAttention(of: step, progress: nil))
      let call = try own.modelCall(at: step.index, sample: step.sample) { step.varianceNoise ?? step.sample }
      let input = ModelInput(sample: call.sample, timestep: call.timestep, conditioning: text)
      #expect(attention.prompt == run.tokenizedPrompts[0] && attention.weights.shape == [1, 16, 16, 16])
      for (weight, expected) in zip(attention.weights.scalars, average(try model.unet.attentionMaps(input))) {
        #expect(abs(Double(weight) - expected) < 1e-6)
      }
      #expect(attention.weights != former)
      former = attention.weights
      for pixel in 0..<256 {
        let sum = (0..<16).reduce(0.0) { $0 + Double(attention.weights.scalars[$1 * 256 + pixel]) }
        #expect(abs(sum - 1) < 1e-5)
      }
    }
  }

  @Test(
    "tokens are those of the prompt that weighs more",
    arguments: [(0.4, "pizza"), (0.6, "red heart"), (1, "red heart")])
  func blend(strength: Double, prompt: String) throws {
    var settings = settings(["pizza"])
    settings.promptBlend = PromptBlend(prompt: "red heart", strength: strength)
    let (run, steps) = try taken(settings)
    #expect(try run.textAttention(of: try #require(steps.first), progress: nil)?.prompt.prompt == prompt)
  }

  /// The mean over the layers of their weights at each of 16x16 pixels, token by token.
  private func average(_ maps: AttentionMaps) -> [Double] {
    (0..<16 * 256).map { index in
      let (token, row, column) = (index / 256, index / 16 % 16, index % 16)
      let weights = maps.layers.map { layer -> Double in
        let side = layer.weights.shape[3]
        return Double(layer.weights.scalars[(token * side + row * side / 16) * side + column * side / 16])
      }
      return weights.reduce(0, +) / Double(weights.count)
    }
  }

  @Test("leaves the run's samples and generators as they are") func pure() throws {
    let settings = settings(["pizza"], scheduler: "ddpm"), (_, expected) = try taken(settings)
    var run = try pipeline.run(settings)
    for step in expected {
      let own = try run.step()
      #expect(own.prevSample == step.prevSample)
      #expect(throws: CancellationError.self) {
        _ = try run.textAttention(of: own) { if $0.completed == 2 { throw CancellationError() } }
      }
      _ = try run.textAttention(of: own, progress: nil)
    }
  }

  @Test("is that of the first image of a batch, bit for bit") func batch() throws {
    let (two, steps) = try taken(settings(["cat", "red heart"], batch: 2))
    var own = settings(["cat", "red heart"], batch: 2)
    for image in 1...2 {
      own.selection.image = image
      let (one, alone) = try taken(own)
      let attention = try #require(try one.textAttention(of: alone[1], progress: nil))
      #expect(attention.prompt.prompt == ["cat", "red heart"][image - 1])
      let whole = try two.textAttention(of: steps[1], progress: nil)
      #expect((attention == whole) == (image == 1))
    }
  }

  @Test("of a step before a branch is that of the prompt before it") func branch() throws {
    var settings = settings(["pizza"])
    settings.branches = [RunBranch(step: 1, changes: ["prompt": .list([.text("red heart")])])]
    let (run, steps) = try taken(settings)
    #expect(
      try steps.map { try run.textAttention(of: $0, progress: nil)?.prompt.prompt } == [
        "pizza", "red heart", "red heart", "red heart",
      ])
    let (plain, own) = try taken(self.settings(["pizza"]))
    #expect(try plain.textAttention(of: own[0], progress: nil) == run.textAttention(of: steps[0], progress: nil))
  }

  @Test("of a step that is not taken yet is refused, and there is none without a prompt") func none() throws {
    let (_, steps) = try taken(settings(["pizza"]))
    let start = try pipeline.run(settings(["pizza"]))
    #expect(throws: DiffusionError.self) { try start.textAttention(of: steps[0], progress: nil) }
    var plain = try DDIMPipeline.load(DemoModel.source, threads: 2).run(RunSettings(steps: 1, threads: 2))
    let step = try plain.step()
    #expect(try plain.textAttention(of: step, progress: nil) == nil)
  }
}
