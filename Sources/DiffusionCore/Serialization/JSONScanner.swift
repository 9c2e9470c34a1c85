/// Scans a text by the grammar of JSON (RFC 8259) up to the first byte that does not fit. It does not recurse, however
/// deeply values are nested.
struct JSONScanner {
  /// The tokens allowed next.
  private enum Expectation: String {
    case value = "a value"
    case valueOrEnd = "a value or ]"
    case key = "a key in double quotes"
    case keyOrEnd = "a key in double quotes or }"
    case colon = "a colon"
    case end = "nothing more"
    case commaOrBracket = "a comma or ]"
    case commaOrBrace = "a comma or }"
  }

  private let bytes: [UInt8]
  private var index = 0
  /// The closing brackets of the open arrays and objects, the innermost last.
  private var ends: [UInt8] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Scans to the end.
  ///
  /// - Throws: The first fault.
  mutating func scan() throws(JSONFault) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if bytes.starts(with: mark) { index = mark.count }
    var expectation = Expectation.value
    while true {
      while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
      if current == nil, expectation == .end { return }
      expectation = try step(expectation)
    }
  }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// Scans the next token.
  ///
  /// - Returns: The tokens allowed after it.
  private mutating func step(_ expectation: Expectation) throws(JSONFault) -> Expectation {
    switch (expectation, current) {
    case (.valueOrEnd, UInt8(ascii: "]")), (.keyOrEnd, UInt8(ascii: "}")), (.commaOrBracket, UInt8(ascii: "]")),
      (.commaOrBrace, UInt8(ascii: "}")):
      index += 1
      ends.removeLast()
      return afterValue
    case (.commaOrBracket, UInt8(ascii: ",")):
      index += 1
      return .value
    case (.commaOrBrace, UInt8(ascii: ",")):
      index += 1
      return .key
    case (.colon, UInt8(ascii: ":")):
      index += 1
      return .value
    case (.key, UInt8(ascii: "\"")), (.keyOrEnd, UInt8(ascii: "\"")):
      try walkString()
      return .colon
    case (.value, let byte?), (.valueOrEnd, let byte?): return try walkValue(byte, expectation)
    default: throw JSONFault(index: index, expected: expectation.rawValue)
    }
  }

  private var afterValue: Expectation {
    guard let end = ends.last else { return .end }
    return end == UInt8(ascii: "]") ? .commaOrBracket : .commaOrBrace
  }

  private mutating func walkValue(_ byte: UInt8, _ expectation: Expectation) throws(JSONFault) -> Expectation {
    switch byte {
    case UInt8(ascii: "{"):
      index += 1
      ends.append(UInt8(ascii: "}"))
      return .keyOrEnd
    case UInt8(ascii: "["):
      index += 1
      ends.append(UInt8(ascii: "]"))
      return .valueOrEnd
    case UInt8(ascii: "\""): try walkString()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try walkNumber()
    default:
      guard let word = ["true", "false", "null"].first(where: { bytes[index...].starts(with: $0.utf8) }) else {
        throw JSONFault(index: index, expected: expectation.rawValue)
      }
      index += word.utf8.count
    }
    return afterValue
  }

  private mutating func walkString() throws(JSONFault) {
    index += 1
    while let byte = current, byte >= 0x20 {
      index += 1
      if byte == UInt8(ascii: "\"") { return }
      if byte == UInt8(ascii: "\\") { try walkEscape() }
    }
    throw JSONFault(index: index, expected: "the double quote that ends the string")
  }

  private mutating func walkEscape() throws(JSONFault) {
    guard let byte = current, "\"\\/bfnrtu".utf8.contains(byte) else {
      throw JSONFault(index: index, expected: "an escape such as \\n or \\u00e9")
    }
    index += 1
    guard byte == UInt8(ascii: "u") else { return }
    for _ in 0..<4 {
      guard let digit = current, Self.isHexadecimal(digit) else {
        throw JSONFault(index: index, expected: "four hexadecimal digits")
      }
      index += 1
    }
  }

  private mutating func walkNumber() throws(JSONFault) {
    if current == UInt8(ascii: "-") { index += 1 }
    // A number that begins with 0 has no further digits before its point.
    if current == UInt8(ascii: "0") { index += 1 } else { try walkDigits() }
    if current == UInt8(ascii: ".") {
      index += 1
      try walkDigits()
    }
    guard current == UInt8(ascii: "e") || current == UInt8(ascii: "E") else { return }
    index += 1
    if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
    try walkDigits()
  }

  private mutating func walkDigits() throws(JSONFault) {
    let start = index
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
    guard index > start else { throw JSONFault(index: index, expected: "a digit") }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}
