import DiffusionCore

/// The settings of one of a lesson's runs; what it does not name is as the command line has it.
package struct LessonRun: Sendable, Equatable {
  package var seeds: [Seed] = [0]
  package var batchSize = 1
  /// Which of the numbers that the generators draw.
  package var selection = NoiseSelection()
  package var steps = 50
  package var eta: Float = 0
  /// `cpu`, `cpu:portable` ...; nil for the explorer's own.
  package var device: String?
  package var noiseDevice = NoiseDevice.cpu
  /// nil for the explorer's own.
  package var threads: Int?
  package var weights = WeightPrecision.float32
  package var variation: NoiseVariation?

  package init() {}

  /// The whole settings.
  ///
  /// - Parameters:
  ///   - standard: Whose device and threads are the explorer's own.
  ///   - maximumSteps: The most steps that the model takes.
  /// - Throws: `DiffusionError` that names what this model or machine does not have.
  package func settings(like standard: RunSettings, maximumSteps: Int) throws -> RunSettings {
    guard (1...max(1, maximumSteps)).contains(steps) else {
      throw DiffusionError(.usage, "steps \(steps) is out of range for this model: expected 1 to \(maximumSteps)")
    }
    let settings = RunSettings(
      seeds: seeds, batchSize: batchSize, steps: steps, eta: eta,
      device: try device.map { try standard.device.named($0) } ?? standard.device, noiseDevice: noiseDevice,
      multiprocessors: standard.multiprocessors, threads: threads ?? standard.threads, variation: variation,
      weights: weights, selection: selection)
    return try settings.resolved()
  }
}
