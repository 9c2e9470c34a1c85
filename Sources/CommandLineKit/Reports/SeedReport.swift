import DiffusionCore

/// A seed as a JSON number.
public struct SeedReport: Encodable, Sendable, Equatable {
  /// The seed.
  public let seed: Seed

  /// Writes the number, which may need all 64 bits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if seed.number < 0 {
      try container.encode(Int64(seed.number))
    } else {
      try container.encode(UInt64(seed.number))
    }
  }
}
