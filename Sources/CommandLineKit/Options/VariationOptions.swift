import ArgumentParser
import DiffusionCore

/// Towards which other seed's noise a run's is turned, and how far.
public struct VariationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Turn the initial noise towards that of another seed, by spherical interpolation. Together with --variation-strength.",
      valueName: "n"))
  var variationSeed: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How far: 0 (the noise of --seed) to 1 (that of --variation-seed).", valueName: "x"))
  var variationStrength: Double?

  /// Options as they stand when none is given.
  public init() {}
}

extension VariationOptions {
  /// Whether one of the options was given.
  var isAnyGiven: Bool { variationSeed != nil || variationStrength != nil }

  /// Reads both options; nil if neither is given.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option that is wrong or missing.
  func variation() throws -> NoiseVariation? {
    switch (variationSeed, variationStrength) {
    case (nil, nil):
      return nil
    case (nil, _):
      throw DiffusionError(.usage, "--variation-strength: there is nothing to vary towards: give --variation-seed too")
    case (_, nil):
      throw DiffusionError(.usage, "--variation-seed: how far is not said: give --variation-strength, 0 to 1, too")
    case (let text?, let strength?):
      let strength = try OptionRange.check(strength, in: 0...1, option: "--variation-strength")
      guard let seed = try? Seed(parsing: text) else {
        throw DiffusionError(.usage, "--variation-seed: '\(text)' is not a whole number from -2^63 to 2^64-1")
      }
      return NoiseVariation(seed: seed, strength: strength)
    }
  }
}
