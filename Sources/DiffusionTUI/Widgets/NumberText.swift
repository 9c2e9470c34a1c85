/// Numbers as text, the same on every machine and in every locale.
package enum NumberText {
  /// A number with a given number of decimals; very large ones in scientific notation, cut to nine characters.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let power = (0..<digits).reduce(1.0) { result, _ in result * 10 }
    let scaled = (value.magnitude * power).rounded()
    guard scaled < 1e15 else { return scientific(value) }
    let whole = Int64(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    let text = String(whole)
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
  }

  /// Like `fixed`, but in scientific notation for a nonzero number that would look like zero.
  package static func small(_ value: Double, _ digits: Int) -> String {
    let text = fixed(value, digits)
    guard value != 0, value.isFinite, text.allSatisfy({ "0.".contains($0) }) else { return text }
    return scientific(value)
  }

  /// The shortest text that identifies a number, without a decimal point for whole numbers.
  package static func shortest(_ value: Double) -> String {
    if value == value.rounded(), value.magnitude < 1e15 { return String(Int64(value)) }
    let text = "\(Float(value))"
    return text.contains("e") ? fixed(value, 6) : text
  }

  /// A duration with a suitable unit.
  package static func seconds(_ value: Double) -> String {
    if value < 0.0995 { return fixed(value * 1000, 1) + " ms" }
    if value < 0.9995 { return fixed(value * 1000, 0) + " ms" }
    return fixed(value, value < 100 ? 2 : 0) + " s"
  }

  /// A duration of about two digits, such as `45 ms`, for times that differ from one to the next.
  package static func roughSeconds(_ value: Double) -> String {
    if value < 0.00995 { return fixed(value * 1000, 1) + " ms" }
    return value < 0.9995 ? fixed(value * 1000, 0) + " ms" : fixed(value, value < 9.95 ? 1 : 0) + " s"
  }

  /// A duration for people: `9.7 s`, `2 min 5 s` or `1 h 30 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds >= 59.95, let whole = Int(exactly: seconds.rounded()) else {
      return fixed((seconds * 10).rounded(.toNearestOrEven) / 10, 1) + " s"
    }
    return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// A finite number other than zero in scientific notation, such as `1.235e10`.
  package static func scientific(_ value: Double) -> String {
    var exponent = 0
    var mantissa = value.magnitude
    while mantissa >= 9.9995 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa < 0.9995 {
      mantissa *= 10
      exponent -= 1
    }
    return (value < 0 ? "-" : "") + fixed(mantissa, 3) + "e\(exponent)"
  }
}
