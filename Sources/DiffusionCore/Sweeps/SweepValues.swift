/// The values of a setting along one side of a grid, as a plan writes them: a list, or a range that is not written out.
public enum SweepValues: Sendable, Equatable {
  /// One value after the other.
  case list([SettingValue])
  /// Numbers at equal distances.
  case range(SweepRange)

  /// Reads the value of a plan's key.
  ///
  /// - Parameter value: A list, a text such as `0-99`, or a table with `from`, `to` and perhaps `step`.
  /// - Throws: ``DiffusionError`` (`badData`) that says what was expected.
  public init(_ value: SettingValue) throws {
    switch value {
    case .list(let values):
      guard !values.isEmpty else { throw Self.fault(value) }
      self = .list(values)
    case .text(let text):
      guard let range = SweepRange(text: text) else { throw Self.fault(value) }
      self = .range(range)
    case .table(let parts): self = .range(try SweepRange(parts))
    case .null, .bool, .integer, .number: throw Self.fault(value)
    }
  }

  /// The number of values, none of which is made for it.
  var count: Int128 {
    switch self {
    case .list(let values): Int128(values.count)
    case .range(let range): range.count
    }
  }

  /// The values; only once their number is known to be small.
  var all: [SettingValue] {
    switch self {
    case .list(let values): values
    case .range(let range): (0..<range.count).map { range[$0] }
    }
  }

  private static func fault(_ value: SettingValue) -> DiffusionError {
    DiffusionError(
      .badData,
      "\(value) is no axis: expected a list with a value, a range such as \"0-99\", or "
        + "{ from = 0, to = 1, step = 0.25 }")
  }
}

/// Numbers at equal distances, both ends included. Decimals are the numbers that people write: the fourth value from 0
/// in steps of 0.1 is 0.3.
public struct SweepRange: Sendable, Equatable {
  /// The first number and the distance, in units of 1 / scale.
  private let first, step: Int128
  /// A power of ten.
  private let scale: Int128
  /// The number of values, at least 1.
  let count: Int128

  /// The largest scale, and the largest number in its units: their quotients are exact decimals in binary64.
  private static let maximumScale: Int128 = 1_000_000_000, maximumUnits: Int128 = 1 << 53

  /// Reads whole numbers: `0-99`, `-3-3`; nil for any other text.
  init?(text: String) {
    guard let dash = text.dropFirst().firstIndex(of: "-"), let first = Int128(text[..<dash]),
      let last = Int128(text[text.index(after: dash)...]), first <= last, first > -Self.limit, last < Self.limit
    else { return nil }
    (self.first, step, scale, count) = (first, 1, 1, last - first + 1)
  }

  /// Beyond every seed.
  private static let limit: Int128 = 1 << 65

  /// Reads a table with `from`, `to` and perhaps `step`, which is 1 if it is left out.
  ///
  /// - Throws: ``DiffusionError`` (`badData`).
  init(_ parts: [String: SettingValue]) throws {
    let written = SettingValue.table(parts).text
    func refuse(_ expected: String) -> DiffusionError {
      DiffusionError(.badData, "{ \(written) }: \(expected)")
    }
    guard Set(parts.keys).isSubset(of: ["from", "to", "step"]), let from = parts["from"], let to = parts["to"] else {
      throw refuse("expected from, to and perhaps step")
    }
    let step = parts["step"] ?? .integer(1)
    guard let scale = Self.scale(of: [from, to, step]), let first = Self.units(from, scale),
      let last = Self.units(to, scale), let each = Self.units(step, scale)
    else { throw refuse("expected numbers with at most nine decimals") }
    guard each > 0, first <= last else { throw refuse("expected a step above 0, and from at most as large as to") }
    guard (last - first).isMultiple(of: each) else {
      throw refuse("expected a whole number of steps between from and to: change one of them")
    }
    (self.first, self.step, self.scale, count) = (first, each, scale, (last - first) / each + 1)
  }

  /// A value by its place, from 0.
  subscript(place: Int128) -> SettingValue {
    let units = first + place * step
    return scale == 1 ? .integer(units) : SettingValue(number: Double(units) / Double(scale))
  }

  /// The smallest power of ten that makes all numbers whole; nil if there is none up to ``maximumScale``.
  private static func scale(of values: [SettingValue]) -> Int128? {
    var scale: Int128 = 1
    while scale <= maximumScale {
      if values.allSatisfy({ units($0, scale) != nil }) { return scale }
      scale *= 10
    }
    return nil
  }

  /// A number in units of 1 / scale; nil if it is not a whole number of them.
  private static func units(_ value: SettingValue, _ scale: Int128) -> Int128? {
    switch value {
    case .integer(let number):
      return abs(number) < (scale == 1 ? limit : maximumUnits / scale) ? number * scale : nil
    case .number(let number):
      guard number.magnitude * Double(scale) < Double(maximumUnits) else { return nil }
      let units = (number * Double(scale)).rounded()
      return units / Double(scale) == number ? Int128(units) : nil
    case .null, .bool, .text, .list, .table: return nil
    }
  }
}
