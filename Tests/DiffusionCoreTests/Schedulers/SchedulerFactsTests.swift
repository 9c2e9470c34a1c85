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
    // Diffusers refuses it only in the first step.
    let refusesSamples = refusals.filter { $0.config == ["prediction_type": .text("sample")] && $0.error != nil }
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
      if expected["prediction_type"] == .text("sample"), refusesSamples.contains(where: { $0.class == item.to }) {
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
    /// Whether it begins with the numbers as they are, and tells the model the levels of the first of all timesteps.
    let unscaled: Bool?
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
      from: ConfigurationReader(file: "fixture", values: loop.config))
    var whole = scheduler
    if let steps = loop.steps { try scheduler.setTimesteps(steps) }
    let generator = Generator().manualSeed(Seed(loop.seed))
    let sigma = loop.unscaled == true ? 1 : scheduler.initNoiseSigma
    var sample = try DummySample.tensor().map { $0 * sigma }
    let first = loop.first ?? 0
    if loop.first != nil {
      sample = try scheduler.addNoise(
        sample, noise: DummySample.tensor(flipped: true), timesteps: [scheduler.timesteps[first]])
    }
    for step in scheduler.timesteps.indices.dropFirst(first) {
      // As in Diffusers' tests, the step gets the scaled sample.
      sample = try scheduler.scaleModelInput(sample, at: step)
      func noise() throws -> Tensor<Float> { try randnTensor(sample.shape, generator: generator) }
      var previous = sample
      for _ in 0..<scheduler.modelCalls(at: step) {
        // Without more calls, the sample is the scaled one already.
        let isOnly = scheduler.modelCalls(at: step) == 1
        let call = isOnly ? nil : try scheduler.modelCall(at: step, sample: sample, noise: noise)
        let told = loop.unscaled == true ? try whole.modelCall(at: step, sample: sample, noise: noise).timestep : nil
        let output = try AnalyticModel()(call?.sample ?? sample, timestep: told ?? scheduler.timesteps[step])
        previous = try scheduler.step(
          output, at: step, sample: sample, options: SchedulerOptions(), noise: noise
        ).prevSample
      }
      sample = previous
    }
    return sample
  }
}

extension SettingValue {
  /// Whether it is a name that no option of these tests has.
  fileprivate var isUnknownName: Bool {
    guard case .text(let name) = self else { return false }
    return ["cosine", "log", "flow", "other"].contains(name)
  }
}
