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
  /// Which call of the generators draws the noise, from 1.
  let call: Int
  /// Which image of the batch runs, from 1; left out of the JSON if all do.
  let image: Int?
  /// Left out of the JSON if there is none.
  let variation: VariationReport?

  private enum CodingKeys: String, CodingKey {
    case seeds, steps, eta, scheduler, device, multiprocessors, threads, weights, call, image, variation
    case batchSize = "batch_size"
    case generatorDevice = "generator_device"
    case useClippedModelOutput = "use_clipped_model_output"
  }

  /// Takes over a run's settings.
  init(_ settings: RunSettings, scheduler: String) {
    seeds = settings.seeds.map(SeedReport.init(seed:))
    batchSize = settings.batchSize
    steps = settings.steps
    eta = settings.eta
    self.scheduler = scheduler
    device = settings.device.description
    generatorDevice = settings.noiseDevice.rawValue
    multiprocessors = settings.multiprocessors
    threads = settings.threads
    weights = settings.weights.rawValue
    call = settings.selection.call
    image = settings.selection.image
    useClippedModelOutput = settings.useClippedModelOutput
    variation = settings.variation.map(VariationReport.init)
  }
}
