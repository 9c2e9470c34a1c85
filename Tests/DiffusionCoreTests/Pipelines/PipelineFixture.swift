import DiffusionCore
import Foundation
import TestSupport
import Testing

/// A whole run of a pipeline of Diffusers.
struct PipelineFixture: Decodable, Sendable, CustomTestStringConvertible {
  /// Every run that was recorded.
  static func all() throws -> [PipelineFixture] {
    let file = URL(filePath: "\(Fixtures.folder)/pipelines/runs.json")
    return try JSONDecoder().decode([PipelineFixture].self, from: Data(contentsOf: file))
  }

  let name: String
  let folder: String
  let seeds: [Int]
  let batchSize: Int
  let steps: Int
  let eta: Float
  /// The class that the folder's index names and that runs; nil for `DDIMPipeline`.
  let pipeline: String?
  /// Options of the scheduler; nil for none.
  let schedulerOptions: [String: SettingValue]?

  enum CodingKeys: String, CodingKey {
    case name, folder, seeds, steps, eta, pipeline
    case batchSize = "batch_size", schedulerOptions = "scheduler_options"
  }

  var testDescription: String { name }

  /// Opens the model and takes all steps of the run.
  func last(device: Device = .cpu, threads: Int = 2) throws -> DenoisingStep? {
    try finished(device: device, threads: threads).last
  }

  /// The same with the run after its last step.
  func finished(device: Device = .cpu, threads: Int = 2) throws -> (run: DenoisingRun, last: DenoisingStep?) {
    let pipeline = try open(device: device, threads: threads)
    var run = try pipeline.run(settings(device: device, threads: threads)), last: DenoisingStep?
    while !run.isFinished { last = try run.step() }
    return (run, last)
  }

  /// Opens the model by its class.
  func open(device: Device = .cpu, threads: Int) throws -> DiffusionPipeline {
    let path = "\(Fixtures.folder)/\(folder)"
    return pipeline == nil
      ? try DDIMPipeline.fromPretrained(path, device: device, threads: threads)
      : try DiffusionPipeline.fromPretrained(path, device: device, threads: threads)
  }

  /// The settings of the run.
  func settings(device: Device = .cpu, threads: Int = 2) -> RunSettings {
    RunSettings(
      seeds: seeds.map { Seed($0) }, batchSize: batchSize, steps: steps, eta: eta, device: device, threads: threads,
      schedulerOptions: schedulerOptions ?? [:])
  }
}

/// A sample as with `output_type="np"`: clamped to [0, 1], `[batch, height, width, channels]`.
func images(of sample: Tensor<Float>) throws -> Tensor<Float> {
  let (batch, channels, pixels) = (sample.shape[0], sample.shape[1], sample.shape[2] * sample.shape[3])
  var scalars: [Float] = []
  for image in 0..<batch {
    for pixel in 0..<pixels {
      for channel in 0..<channels {
        let value = sample.scalars[(image * channels + channel) * pixels + pixel]
        scalars.append(min(max(value / 2 + 0.5, 0), 1))
      }
    }
  }
  return try Tensor(shape: [batch, sample.shape[2], sample.shape[3], channels], scalars: scalars)
}
