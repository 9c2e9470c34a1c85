import DiffusionCore

/// One run as it is remembered: its settings, and how far it had come. Its tensors are not kept: the same settings give them
/// again, bit for bit.
package struct SavedPane: Codable, Sendable, Equatable {
  /// The seeds in decimal digits; JSON's numbers do not hold them all.
  package var seeds: [String]
  package var batchSize: Int
  package var steps: Int
  package var eta: Float
  /// `cpu`, `cpu:avx2` ...
  package var device: String
  /// `cpu` or `cuda`.
  package var noiseDevice: String
  package var multiprocessors: Int
  package var threads: Int
  package var useClippedModelOutput: Bool
  /// Towards which other seed's noise it was turned, and how far; nil for none.
  package var variationSeed: String?
  package var variationStrength: Double?
  /// What the weights were rounded to; nil for float32.
  package var weights: String?
  /// Which call of the generators drew its noise, and which image of the batch it is of; nil for the first, and for all.
  package var call: Int?
  package var image: Int?
  /// Its model as ``SavedSession/model`` is written; nil for the session's.
  package var model: String?
  /// How many steps the picture had behind it.
  package var position: Int

  private enum CodingKeys: String, CodingKey {
    case seeds, steps, eta, device, multiprocessors, threads, weights, call, image, model, position
    case batchSize = "batch_size"
    case noiseDevice = "noise_device"
    case variationSeed = "variation_seed"
    case variationStrength = "variation_strength"
    case useClippedModelOutput = "use_clipped_model_output"
  }

  /// Remembers a run.
  ///
  /// - Parameter model: What its model is called; nil for the session's.
  package init(_ settings: RunSettings, model: String? = nil, position: Int) {
    seeds = settings.seeds.map(\.description)
    batchSize = settings.batchSize
    steps = settings.steps
    eta = settings.eta
    device = settings.device.description
    noiseDevice = settings.noiseDevice.rawValue
    multiprocessors = settings.multiprocessors
    threads = settings.threads
    useClippedModelOutput = settings.useClippedModelOutput
    variationSeed = settings.variation?.seed.description
    variationStrength = settings.variation?.strength
    weights = settings.weights == .float32 ? nil : settings.weights.rawValue
    call = settings.selection.call == 1 ? nil : settings.selection.call
    image = settings.selection.image
    self.model = model
    self.position = position
  }

  /// The settings to run it again with. How many steps its model takes is not known before it is opened.
  ///
  /// - Parameter standard: Whose device says what `cpu` means now.
  /// - Throws: `DiffusionError` that names the value: one that is out of range, or a device that this machine lacks.
  package func settings(like standard: RunSettings) throws -> RunSettings {
    let most = RunSettings.maximumSteps
    guard (1...most).contains(steps) else {
      throw DiffusionError(.badData, "steps is \(steps): expected 1 to \(most)")
    }
    guard (0...most).contains(position) else {
      throw DiffusionError(.badData, "position is \(position): expected 0 to \(most)")
    }
    guard (1...RunSettings.maximumThreads).contains(threads), (1...State.maximumImages).contains(batchSize),
      seeds.count <= State.maximumImages
    else {
      throw DiffusionError(.badData, "threads, batch_size or seeds is out of range")
    }
    var settings = standard
    settings.seeds = try seeds.map(Seed.init(parsing:))
    settings.batchSize = batchSize
    settings.steps = steps
    settings.eta = eta
    settings.device = try standard.device.named(device)
    settings.noiseDevice = try NoiseDevice(parsing: noiseDevice)
    settings.multiprocessors = multiprocessors
    settings.threads = threads
    settings.useClippedModelOutput = useClippedModelOutput
    settings.variation = try variationSeed.map { seed in
      NoiseVariation(seed: try Seed(parsing: seed), strength: variationStrength ?? 0)
    }
    settings.weights = try weights.map(WeightPrecision.init(parsing:)) ?? .float32
    settings.selection = NoiseSelection(call: call ?? 1, image: image)
    return try settings.resolved()
  }
}
