extension NoiseDevice: Codable {}

extension WeightPrecision: Codable {}

extension NoiseVariation: Codable {
  private enum CodingKeys: String, CodingKey { case seed, strength }

  /// Reads the seed and the strength.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      seed: try container.decode(Seed.self, forKey: .seed),
      strength: try container.decode(Double.self, forKey: .strength))
  }

  /// Writes the seed and the strength.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seed, forKey: .seed)
    try container.encode(strength, forKey: .strength)
  }
}

extension Seed: Codable {
  /// Reads a JSON number, which may need all 64 bits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(UInt64.self) {
      self.init(number)
    } else {
      self.init(Int(try container.decode(Int64.self)))
    }
  }

  /// Writes the number, which may need all 64 bits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if number < 0 {
      try container.encode(Int64(truncatingIfNeeded: number))
    } else {
      try container.encode(UInt64(truncatingIfNeeded: number))
    }
  }
}
