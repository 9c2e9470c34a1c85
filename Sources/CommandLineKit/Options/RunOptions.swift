import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The options that every command that runs a model shares: MODEL and the run settings.
///
/// Values that the engine knows how to read stay text here, so that a wrong one is the engine's own error with its own
/// exit status; ``settings(drawSeed:environment:)`` reads them.
public struct RunOptions: ParsableArguments {
  @OptionGroup
  var model: ModelArgument

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The seed of the generator, -2^63 to 2^64-1. Left out, one is drawn and shown.", valueName: "n"))
  var seed: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Inference steps to ask of the scheduler. (default: 50)", valueName: "n"))
  var steps: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How much noise each step adds: 0 (DDIM) to 1 (DDPM). (default: 0.0)", valueName: "x"))
  var eta: Float?

  @Option(help: ArgumentHelp("The scheduler: ddim. (default: ddim)", valueName: "s"))
  var scheduler: String?

  @OptionGroup
  var compute: ComputeOptions

  @OptionGroup
  var noise: NoiseOptions

  @Option(
    help: ArgumentHelp(
      "What the model's weights are rounded to: float32 (as they are in the file), bfloat16 or float16. It computes in float32.",
      valueName: "type"))
  var weights: String = WeightPrecision.float32.rawValue

  @OptionGroup
  var variation: VariationOptions

  @OptionGroup
  var selection: SelectionOptions

  @Flag(help: "Derive the noise anew from the clipped x_0 in each step (Diffusers' use_clipped_model_output).")
  var useClippedModelOutput = false

  /// Options as they stand when none is given.
  public init() {}
}

extension RunOptions {
  /// Whether any setting was given, so that the run is not to be one from before.
  var isAnyGiven: Bool {
    seed != nil || steps != nil || eta != nil || scheduler != nil || compute.isAnyGiven || noise.isAnyGiven
      || weights != WeightPrecision.float32.rawValue || variation.isAnyGiven || selection.isAnyGiven
  }

  /// Reads `--scheduler`.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names what it takes.
  func schedulerName() throws -> SchedulerName { try SchedulerName(parsing: scheduler ?? SchedulerName.ddim.rawValue) }

  /// Reads the settings, with one seed.
  ///
  /// - Parameters:
  ///   - drawSeed: Gives the seed of a run for which none was named.
  ///   - environment: Where `DIFFUSION_ISA` may say what `cpu` means.
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not here.
  public func settings(drawSeed: () -> Seed, environment: [String: String] = [:]) throws -> RunSettings {
    try settings(seeds: [seed.map(Seed.init(parsing:)) ?? drawSeed()], batchSize: 1, environment: environment)
  }

  /// Reads the settings but for the seeds and the batch size, which come from the caller.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not here.
  func settings(seeds: [Seed], batchSize: Int, environment: [String: String]) throws -> RunSettings {
    _ = try schedulerName()
    return RunSettings(
      seeds: seeds,
      batchSize: batchSize,
      steps: try OptionRange.check(steps ?? 50, in: 1...OptionRange.maximumSteps, option: "--steps"),
      eta: try OptionRange.check(eta ?? 0, in: 0...1, option: "--eta"),
      device: try compute.pickedDevice(environment: environment),
      noiseDevice: try noise.device(),
      multiprocessors: try noise.multiprocessorCount(),
      threads: try compute.threadCount(),
      useClippedModelOutput: useClippedModelOutput, variation: try variation.variation(),
      weights: try WeightPrecision(parsing: weights),
      selection: try selection.selection(seeds: seeds, batchSize: batchSize))
  }
}
