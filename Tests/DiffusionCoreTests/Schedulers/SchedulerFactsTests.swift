import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// Configurations of other classes, errors, and published sums of Diffusers.
@Suite("Schedulers accept and refuse what Diffusers does")
struct SchedulerFactsTests {
  private static func read<Value: Decodable>(_ name: String) throws -> [Value] {
    let path = SchedulerFixtures.folder + name
    return try JSONDecoder().decode([Value].self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// `to.from_config(from.config)`.
  struct Conversion: Decodable, Sendable {
    let from: String
    let to: String
    let json: [String: SettingValue]
    let config: [String: SettingValue]?
  }

  @Test("from_config between classes, for every class of the registry")
  func conversions() throws {
    let conversions: [Conversion] = try Self.read("conversions.json")
    let refusals: [Refusal] = try Self.read("errors.json")
    // Diffusers refuses these options only in the first step.
    let refusedLater = refusals.filter { item in
      guard let option = item.config.first, item.config.count == 1, item.steps == 4, item.error != nil else {
        return false
      }
      let isSample = option.key == "prediction_type" && option.value == .text("sample")
      let isOfUnCLIP = item.class == "UnCLIPScheduler" && ["prediction_type", "variance_type"].contains(option.key)
      return isSample || isOfUnCLIP && item.error == "ValueError"
    }
    var checked = 0
    for item in conversions {
      guard let target = try? SchedulerClass(named: item.to) else { continue }
      let reader = ConfigurationReader(file: item.from, values: item.json)
      guard let expected = item.config else {
        #expect(throws: DiffusionError.self, "\(item.from) to \(item.to)") {
          try target.scheduler(from: reader)
        }
        continue
      }
      let isRefused = refusedLater.contains { refusal in
        refusal.class == item.to && refusal.config.allSatisfy { expected[$0.key] == $0.value }
      }
      if isRefused {
        #expect(throws: DiffusionError.self) { try target.configuration(reading: reader) }
        continue
      }
      let found = try target.configuration(reading: reader)
      for (name, value) in expected {
        // An explicit null of a DPMSolver's variance_type means the default.
        if name == "variance_type", value == .null { continue }
        #expect(
          isSame(found[name] ?? .text("missing"), value), "\(item.from) to \(item.to): \(name)")
      }
      #expect(found.count == expected.count, "\(item.from) to \(item.to)")
      checked += 1
    }
    #expect(checked >= 10)
  }

  /// Whole numbers are written as JSON writes them.
  private func isSame(_ found: SettingValue, _ expected: SettingValue) -> Bool {
    switch (found, expected) {
    case (.number(let left), .integer(let right)): left == Double(right)
    case (.number(let left), .text(let right)): !left.isFinite && "\(left)" == right
    case (.list(let left), .list(let right)):
      left.count == right.count && zip(left, right).allSatisfy(isSame)
    default: found == expected
    }
  }

  /// A configuration, and whether Diffusers raises.
  struct Refusal: Decodable, Sendable {
    let `class`: String
    let config: [String: SettingValue]
    let steps: Int?
    let output_channels: Int
    let error: String?
    let message: String?
  }

  @Test("errors in Diffusers are one-line errors here, and everything else is computed")
  func refusals() throws {
    let refusals: [Refusal] = try Self.read("errors.json")
    for item in refusals {
      guard let found = try? SchedulerClass(named: item.class) else { continue }
      let result = Result { try run(found, item) }
      let what =
        "\(item.class) \(item.config) \(String(describing: item.steps)): \(item.message ?? "computed")"
      switch result {
      case .success:
        // Diffusers begins at the second of equal timesteps and runs out of sigmas; here steps are identified by index.
        #expect(
          item.error == nil || item.error == "IndexError" && item.config["sigma_max"] != nil,
          "\(what)")
      case .failure(let error):
        let line = (error as? DiffusionError)?.message ?? ""
        #expect(!line.isEmpty && !line.contains("\n"), "\(what)")
        // Numbers of steps below 1 and unknown names are always refused, even where Diffusers makes an empty run of
        // them.
        if (item.steps ?? 1) < 1 || item.config.values.contains(where: \.isUnknownName) { continue }
        #expect(item.error != nil, "\(what): \(line)")
      }
    }
  }

  private func run(_ schedulerClass: SchedulerClass, _ item: Refusal) throws {
    var scheduler = try schedulerClass.scheduler(
      from: ConfigurationReader(file: "fixture", values: item.config))
    guard let steps = item.steps else { return }
    try scheduler.setTimesteps(steps)
    let sample = Tensor<Float>(unchecked: [1, 3, 2, 2], Array(repeating: 0.5, count: 12))
    let count = item.output_channels * 4
    let output = Tensor<Float>(
      unchecked: [1, item.output_channels, 2, 2], Array(repeating: 0.25, count: count))
    try scheduler.seedNoise(NoiseForm(shape: sample.shape)) { [0] }
    for step in scheduler.timesteps.indices {
      for _ in 0..<scheduler.modelCalls(at: step) {
        _ = try scheduler.modelCall(at: step, sample: sample) { sample }
        _ = try scheduler.step(output, at: step, sample: sample, options: SchedulerOptions()) { sample }
      }
    }
  }

  /// A full loop of Diffusers' own tests.
  struct Loop: Decodable, Sendable {
    let `class`: String
    let test: String
    let config: [String: SettingValue]
    let steps: Int?
    let first: Int?
    let seed: Int
    let sum: Double
    let mean: Double
    let sum_tolerance: Double
    let mean_tolerance: Double
    /// The arguments of `set_timesteps` beside the number of steps; nil for none.
    let schedule: [String: SettingValue]?
    /// What `scale_model_input` is for: the sample, which the step gets as well, if it is nil; `input` for the model's
    /// alone; `nothing`, which leaves out the factor of the noise too.
    let scales: String?
    /// What the model is told: the timestep if it is nil; `training`, the noise levels of the first of all timesteps.
    let told: String?
    /// How often the loop is taken, with the history of the time before.
    let repeats: Int?
  }

  @Test("the published sums of Diffusers' full loops")
  func loops() throws {
    let loops: [Loop] = try Self.read("published-loops.json")
    for loop in loops {
      guard let found = try? SchedulerClass(named: loop.class) else { continue }
      let sum = try run(found, loop).absoluteSum()
      #expect((sum - loop.sum).magnitude < loop.sum_tolerance, "\(loop.class) \(loop.test): \(sum)")
      #expect((sum / 768 - loop.mean).magnitude < loop.mean_tolerance, "\(loop.class) \(loop.test)")
    }
  }

  private func run(_ schedulerClass: SchedulerClass, _ loop: Loop) throws -> Tensor<Float> {
    var scheduler = try schedulerClass.scheduler(
      from: ConfigurationReader(file: "fixture", values: loop.config), options: loop.schedule ?? [:])
    let training = scheduler
    // With timesteps of its own the number does not count.
    if let steps = loop.steps ?? loop.schedule.map({ _ in 1 }) { try scheduler.setTimesteps(steps) }
    let generator = Generator().manualSeed(Seed(loop.seed))
    let sigma = loop.scales == "nothing" ? 1 : scheduler.initNoiseSigma
    var sample = try DummySample.tensor().map { $0 * sigma }
    let first = loop.first ?? 0
    if loop.first != nil {
      sample = try scheduler.addNoise(
        sample, noise: DummySample.tensor(flipped: true), timesteps: [scheduler.timesteps[first]])
    }
    for _ in 0..<(loop.repeats ?? 1) {
      for step in scheduler.timesteps.indices.dropFirst(first) {
        let input = loop.scales == "nothing" ? sample : try scheduler.scaleModelInput(sample, at: step)
        // As in most of Diffusers' tests, the step gets the scaled sample.
        sample = loop.scales == nil ? input : sample
        var told = scheduler.timesteps[step], teller = training
        if loop.told == "training" { told = try teller.modelCall(at: step, sample: sample) { sample }.timestep }
        sample = try Self.taken(step, from: sample, input, told: told, by: &scheduler) {
          try randnTensor(sample.shape, generator: generator)
        }
      }
    }
    return sample
  }

  /// The sample after all model calls of a step.
  private static func taken(
    _ step: Int, from sample: Tensor<Float>, _ input: Tensor<Float>, told: Float, by scheduler: inout any Scheduler,
    noise: () throws -> Tensor<Float>
  ) throws -> Tensor<Float> {
    var previous = sample
    let calls = scheduler.modelCalls(at: step)
    for _ in 0..<calls {
      let seen = calls == 1 ? input : try scheduler.modelCall(at: step, sample: sample, noise: noise).sample
      previous = try scheduler.step(
        AnalyticModel()(seen, timestep: told), at: step, sample: sample, options: SchedulerOptions(), noise: noise
      ).prevSample
    }
    return previous
  }
}

extension SettingValue {
  /// Whether it is a name that no option of these tests has.
  fileprivate var isUnknownName: Bool {
    guard case .text(let name) = self else { return false }
    return ["cosine", "log", "flow", "other"].contains(name)
  }
}
