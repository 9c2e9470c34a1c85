import DiffusionCore
import Foundation

/// Runs of schedulers for `Tests/Peers/schedulers.py`: a line of JSON with a case is answered by a line with its run.
///
/// A formula stands for the model: call i predicts `outputs[i % 4] + 0.25 x` for its input x, followed along the
/// channels by `variances[i % 4]` where the model predicts them.
@main
struct SchedulerRuns {
  static func main() throws {
    let decoder = JSONDecoder(), encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let classes = SchedulerClass.all.map { ["class": $0.className, "name": $0.shortName] }
    func say(_ value: some Encodable) throws {
      // Not `print`, which keeps lines back where nobody reads a terminal.
      try FileHandle.standardOutput.write(contentsOf: encoder.encode(value) + [UInt8(ascii: "\n")])
    }
    try say(classes)
    guard let first = readLine(), case let model = try decoder.decode(FormulaModel.self, from: Data(first.utf8)) else {
      return
    }
    while let line = readLine() {
      let answer: Answer
      do {
        answer = .run(try decoder.decode(SchedulerCase.self, from: Data(line.utf8)).run(model))
      } catch let error as DiffusionError {
        answer = .refusal(error.message)
      }
      try say(answer)
    }
  }
}

/// The model's numbers, `[batch, channels, height, width]`.
struct FormulaModel: Decodable {
  let shape: [Int]
  let outputs, variances: [[Float]]

  func output(_ call: Int, _ input: Tensor<Float>, predictsVariances: Bool) throws -> Tensor<Float> {
    let mean = zip(outputs[call % outputs.count], input.scalars).map { $0 + 0.25 * $1 }
    guard predictsVariances else { return try Tensor(shape: shape, scalars: mean) }
    let each = mean.count / shape[0], variances = variances[call % variances.count]
    let scalars = (0..<shape[0]).flatMap { image in
      let range = image * each..<(image + 1) * each
      return mean[range] + variances[range]
    }
    return try Tensor(shape: [shape[0], 2 * shape[1]] + shape.dropFirst(2), scalars: scalars)
  }
}

/// A run: a scheduler made from another class's configuration, with options that replace it.
struct SchedulerCase: Decodable {
  let name: String
  let file, options: [String: SettingValue]
  let eta: Float
  let useClippedModelOutput, predictsVariances: Bool
  let steps: Int
  let seed: Int

  func run(_ model: FormulaModel) throws -> Run {
    let found = try SchedulerClass(named: name)
    var scheduler = try found.scheduler(from: ConfigurationReader(file: "file", values: file), options: options)
    try scheduler.setTimesteps(steps)
    var step = SchedulerOptions(eta: eta, useClippedModelOutput: useClippedModelOutput)
    try found.read(options, into: &step)
    let generator = Generator().manualSeed(Seed(seed)), factor = scheduler.initNoiseSigma
    func noise() throws -> Tensor<Float> { try generator.randn(model.shape) }
    var sample = try noise().map { $0 * factor }
    var samples: [[Float]] = []
    for index in scheduler.timesteps.indices {
      try scheduler.seedNoise(NoiseForm(shape: model.shape)) { generator.seedOfNoise().map { [$0] } ?? [] }
      let input = try scheduler.scaleModelInput(sample, at: index)
      let output = try model.output(index, input, predictsVariances: predictsVariances)
      sample = try scheduler.step(output, at: index, sample: sample, options: step, noise: noise).prevSample
      samples.append(sample.scalars)
    }
    return Run(timesteps: scheduler.timesteps, samples: samples, state: generator.getState())
  }
}

/// What a run gives.
struct Run: Encodable {
  let timesteps: [Float]
  /// The sample after each call.
  let samples: [[Float]]
  /// The generator's state at the end.
  let state: [UInt8]
}

/// The answer to a case.
enum Answer: Encodable {
  case run(Run)
  /// The error's line.
  case refusal(String)

  private enum CodingKeys: String, CodingKey { case run, refusal }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .run(let run): try container.encode(run, forKey: .run)
    case .refusal(let line): try container.encode(line, forKey: .refusal)
    }
  }
}
