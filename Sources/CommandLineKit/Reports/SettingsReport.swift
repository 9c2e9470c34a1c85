import DiffusionCore

/// A run's settings in JSON, in the command line's names. One seed is one generator for the whole batch.
public struct SettingsReport: Encodable, Sendable, Equatable {
  let seeds: [SeedReport]
  let batchSize: Int
  let steps: Int
  let eta: Float
  let scheduler: String
  let device: String
  let generatorDevice: String
  let multiprocessors: Int
  let threads: Int
  let weights: String
  let useClippedModelOutput: Bool
  /// Left out of the JSON if there is none.
  let variation: VariationReport?

  private enum CodingKeys: String, CodingKey {
    case seeds, steps, eta, scheduler, device, multiprocessors, threads, weights, variation
    case batchSize = "batch_size"
    case generatorDevice = "generator_device"
    case useClippedModelOutput = "use_clipped_model_output"
  }

  /// Takes over a run's settings.
  init(_ settings: RunSettings, scheduler: SchedulerName) {
    seeds = settings.seeds.map(SeedReport.init(seed:))
    batchSize = settings.batchSize
    steps = settings.steps
    eta = settings.eta
    self.scheduler = scheduler.rawValue
    device = settings.device.description
    generatorDevice = settings.noiseDevice.rawValue
    multiprocessors = settings.multiprocessors
    threads = settings.threads
    weights = settings.weights.rawValue
    useClippedModelOutput = settings.useClippedModelOutput
    variation = settings.variation.map(VariationReport.init)
  }
}
