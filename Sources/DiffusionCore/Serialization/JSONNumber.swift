/// A number in JSON. NaN and the infinities, which JSON lacks, are the strings "nan", "inf" and "-inf", which Python's
/// `float` reads.
struct JSONNumber<Value: BinaryFloatingPoint & Codable & CustomStringConvertible> {
  /// The number.
  let value: Value

  init(_ value: Value) { self.value = value }
}

extension JSONNumber: Codable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    switch try? container.decode(String.self) {
    case "nan": value = .nan
    case "inf": value = .infinity
    case "-inf": value = -.infinity
    default: value = try container.decode(Value.self)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite {
      try container.encode(value)
    } else {
      try container.encode(value.withoutPayload.description)
    }
  }
}
