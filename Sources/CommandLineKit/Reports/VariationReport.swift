import DiffusionCore

/// The variation of a run's noise in JSON.
public struct VariationReport: Encodable, Sendable, Equatable {
  let seed: SeedReport
  let strength: Double

  /// Takes over a variation.
  init(_ variation: NoiseVariation) {
    seed = SeedReport(seed: variation.seed)
    strength = variation.strength
  }

  /// What a table says of it.
  var text: String { "seed \(seed.seed), strength \(strength)" }
}
