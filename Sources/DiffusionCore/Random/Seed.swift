/// A seed as `torch.Generator.manual_seed` takes it: -2^63 to 2^64-1, modulo 2^64.
public struct Seed: Sendable, Hashable, CustomStringConvertible, ExpressibleByIntegerLiteral {
  /// The number as given.
  public let number: Int128

  /// The 64 bits that seed a generator.
  public var bits: UInt64 { UInt64(truncatingIfNeeded: number) }

  /// The range of seeds.
  public static let range: ClosedRange<Int128> = Int128(Int64.min)...Int128(UInt64.max)

  /// Creates a seed from a number.
  public init(_ number: UInt64) { self.number = Int128(number) }

  /// Creates a seed from a number.
  public init(_ number: Int) { self.number = Int128(number) }

  /// Creates a seed from a literal.
  public init(integerLiteral value: Int) { self.init(value) }

  /// Creates a seed from a decimal number.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if it is not a whole number or lies outside ``range``.
  public init(parsing text: String) throws {
    guard let number = Int128(text), Self.range.contains(number) else {
      throw DiffusionError(.usage, "seed '\(text)' is not a whole number from -2^63 to 2^64-1")
    }
    self.number = number
  }

  /// The number in decimal digits.
  public var description: String { String(number) }
}

extension Seed: Codable {
  /// Decodes a JSON number, which may need all 64 bits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(UInt64.self) {
      self.init(number)
    } else {
      self.init(Int(try container.decode(Int64.self)))
    }
  }

  /// Encodes the number, which may need all 64 bits.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if number < 0 {
      try container.encode(Int64(truncatingIfNeeded: number))
    } else {
      try container.encode(UInt64(truncatingIfNeeded: number))
    }
  }
}
