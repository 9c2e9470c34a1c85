import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// A class of the registry with the results of Diffusers 0.42.1; DDIM has tests of its own.
struct RecordedScheduler: Sendable, CustomTestStringConvertible {
  typealias Recorded = SchedulerStepFixtures<[String: SettingValue]>

  /// Every class of the registry that has a folder of fixtures.
  static let all: [RecordedScheduler] = SchedulerClass.all.filter { $0.shortName != "ddim" }.map(
    RecordedScheduler.init)

  /// What UnCLIP takes of models for other classes: it refuses their betas and velocities, as in Diffusers.
  static let unclipOptions: [String: SettingValue] = [
    "beta_schedule": .text("squaredcos_cap_v2"), "prediction_type": .text("epsilon"),
  ]

  let schedulerClass: SchedulerClass
  var testDescription: String { schedulerClass.className }

  func load() throws -> (recorded: Recorded, arrays: SchedulerArrays) {
    (try Recorded.load(schedulerClass.shortName), try Recorded.arrays(schedulerClass.shortName))
  }

  func scheduler(
    _ config: [String: SettingValue], _ schedule: [String: SettingValue]? = nil, steps: Int? = nil
  ) throws -> any Scheduler {
    var scheduler = try schedulerClass.scheduler(
      from: ConfigurationReader(file: "fixture", values: config), options: schedule ?? [:])
    if let steps { try scheduler.setTimesteps(steps) }
    return scheduler
  }
}

/// A run of a chain, with a formula in place of a model.
struct SchedulerReplay {
  let recorded: RecordedScheduler.Recorded
  let arrays: SchedulerArrays
  let chain: RecordedScheduler.Recorded.Chain
  let generators: [Generator]
  var scheduler: any Scheduler
  /// The number of model calls so far.
  private(set) var calls = 0

  init(
    _ scheduler: RecordedScheduler, _ chain: RecordedScheduler.Recorded.Chain,
    of loaded: (recorded: RecordedScheduler.Recorded, arrays: SchedulerArrays)
  ) throws {
    (recorded, arrays) = loaded
    self.chain = chain
    self.scheduler = try scheduler.scheduler(chain.config, chain.schedule, steps: chain.steps)
    generators = chain.seeds.map { Generator().manualSeed(Seed($0)) }
  }

  /// The noise from the chain's generators.
  func noise() throws -> Tensor<Float> { try randnTensor(recorded.shape, generators: generators) }

  var options: SchedulerOptions {
    var options = SchedulerOptions()
    options.sChurn = chain.step?.sChurn.map { Double($0) } ?? options.sChurn
    options.sTmin = chain.step?.sTmin.map { Double($0) } ?? options.sTmin
    options.sTmax = chain.step?.sTmax.map { Double($0) } ?? options.sTmax
    options.sNoise = chain.step?.sNoise.map { Double($0) } ?? options.sNoise
    options.order = chain.step?.order ?? options.order
    options.eta = chain.step?.eta ?? options.eta
    options.useClippedModelOutput = chain.step?.useClippedModelOutput ?? false
    return options
  }

  /// Diffusers' tensors at a step; nil if it has no such tensor.
  func slice(_ place: SchedulerFixtures.Place?, _ step: Int) -> [Float]? {
    guard let place else { return nil }
    let count = recorded.shape.reduce(1, *)
    return Array(arrays.floats(place)[step * count..<(step + 1) * count])
  }

  /// Takes a step with all its model calls.
  ///
  /// - Parameters:
  ///   - step: The step.
  ///   - sample: The sample that it starts from.
  ///   - seen: Returns the sample that the model is shown for one of its inputs, by the number of the call.
  mutating func take(
    _ step: Int, from sample: Tensor<Float>,
    seen: (_ call: Int, ModelCall) throws -> Tensor<Float> = { $1.sample }
  ) throws -> (modelOutput: Tensor<Float>, output: SchedulerOutput) {
    let noise = noise, generators = generators
    try scheduler.seedNoise(NoiseForm(shape: recorded.shape)) { generators.compactMap { $0.seedOfNoise() } }
    var last: (Tensor<Float>, SchedulerOutput)?
    for _ in 0..<scheduler.modelCalls(at: step) {
      let call = try scheduler.modelCall(at: step, sample: sample, noise: noise)
      let output = modelOutput(calls, ModelCall(sample: try seen(calls, call), timestep: call.timestep))
      calls += 1
      last = (
        output, try scheduler.step(output, at: step, sample: sample, options: options, noise: noise)
      )
    }
    let (modelOutput, output) = try #require(last)
    return (modelOutput, output)
  }

  /// `model_output[i % 4] + 0.25 x`, followed by the variances, if any, along the channels; where the model is told
  /// noise levels t, `(model_output[i % 4] - x) / (t * t + 1)`.
  private func modelOutput(_ index: Int, _ call: ModelCall) -> Tensor<Float> {
    let bank = arrays.floats(recorded.modelOutput[index % 4])
    if chain.modelTimesteps != nil {
      let divisor = call.timestep * call.timestep + 1
      return Tensor(unchecked: recorded.shape, zip(bank, call.sample.scalars).map { ($0 - $1) / divisor })
    }
    let output = zip(bank, call.sample.scalars).map { $0 + 0.25 * $1 }
    guard let variance = chain.variance.map({ arrays.floats($0[index % 4]) }) else {
      return Tensor(unchecked: recorded.shape, output)
    }
    let each = output.count / recorded.shape[0]
    var scalars: [Float] = []
    for image in 0..<recorded.shape[0] {
      let range = image * each..<(image + 1) * each
      scalars += output[range]
      scalars += variance[range]
    }
    return Tensor(
      unchecked: [recorded.shape[0], 2 * recorded.shape[1]] + recorded.shape.dropFirst(2), scalars)
  }
}
