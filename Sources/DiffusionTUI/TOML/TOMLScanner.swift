import DiffusionCore

/// Scans a text by the grammar of TOML 1.0 up to the first byte that does not fit.
///
/// It stands in front of toml++, which relies on assertions that malformed text breaks: a header with no key (`[=`), a
/// date with half a time (`2020-01-01 1`), a number longer than its history of 127 characters. It also limits what
/// toml++ does not: the depth of dotted keys, over which destructors recurse, and the number of tables, which it
/// searches one by one. It refuses NUL, also escaped, at which the strings that toml++ gives would end. What else
/// strings and numbers mean is left to toml++.
struct TOMLScanner {
  /// The maximum of levels that keys, arrays and inline tables have together.
  static let maximumDepth = 100
  /// The maximum number of tables in a text.
  static let maximumTables = 10_000
  /// The maximum length of a number, a date or a word.
  static let maximumWord = 100

  /// The start of the line on which the latest key, header or comment began.
  private(set) var start = 0
  private let bytes: [UInt8]
  private var index = 0
  /// The levels of the header above, and of what is open on this line.
  private var depth = 0
  private var tables = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Scans to the end.
  ///
  /// - Throws: The first fault.
  mutating func scan() throws(SyntaxFault) {
    // toml++ would take a NUL for the end of the text.
    if let nul = bytes.firstIndex(of: 0) { throw SyntaxFault(index: nul, expected: "text") }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if bytes.starts(with: mark) { index = mark.count }
    while index < bytes.count {
      start = index
      skipSpace()
      switch current {
      case nil, UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "["): try scanHeader()
      default: try scanPair()
      }
      try scanEndOfLine()
    }
  }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  private func fault(_ expected: String) -> SyntaxFault { SyntaxFault(index: index, expected: expected) }

  private mutating func expect(_ character: Unicode.Scalar, _ expected: String) throws(SyntaxFault) {
    guard current == UInt8(ascii: character) else { throw fault(expected) }
    index += 1
  }

  private mutating func skipSpace() {
    while let byte = current, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { index += 1 }
  }

  private mutating func scanEndOfLine() throws(SyntaxFault) {
    skipSpace()
    if current == UInt8(ascii: "#") {
      while let byte = current, byte != UInt8(ascii: "\n") { index += 1 }
    }
    if current == UInt8(ascii: "\r") { index += 1 }
    guard index < bytes.count else { return }
    try expect("\n", "the end of the line")
  }

  private mutating func deepen(by levels: Int) throws(SyntaxFault) {
    depth += levels
    guard depth <= Self.maximumDepth else { throw fault("at most \(Self.maximumDepth) levels") }
  }

  private mutating func count(_ found: Int) throws(SyntaxFault) {
    tables += found
    guard tables <= Self.maximumTables else { throw fault("at most \(Self.maximumTables) tables") }
  }
}

// MARK: - Headers and keys

extension TOMLScanner {
  private mutating func scanHeader() throws(SyntaxFault) {
    index += 1
    let isOfArray = current == UInt8(ascii: "[")
    if isOfArray { index += 1 }
    skipSpace()
    depth = 0
    let segments = try scanKey()
    try deepen(by: segments)
    try count(segments)
    try expect("]", "a dot or ]")
    if isOfArray { try expect("]", "]]") }
  }

  /// Scans a key and a value.
  private mutating func scanPair() throws(SyntaxFault) {
    let segments = try scanKey()
    try expect("=", "a dot or =")
    skipSpace()
    try deepen(by: segments)
    try count(segments - 1)
    try scanValue()
    depth -= segments
  }

  /// Scans a key and the space behind it.
  ///
  /// - Returns: The number of its segments: 2 in `a.b`.
  private mutating func scanKey() throws(SyntaxFault) -> Int {
    var segments = 0
    while true {
      let first = index
      if current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") {
        try scanString()
      } else {
        while let byte = current, Self.isKeyCharacter(byte) { index += 1 }
      }
      guard index > first else { throw fault("a key") }
      segments += 1
      skipSpace()
      guard current == UInt8(ascii: ".") else { return segments }
      index += 1
      skipSpace()
    }
  }

  private static func isKeyCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

// MARK: - Values

extension TOMLScanner {
  private mutating func scanValue() throws(SyntaxFault) {
    switch current {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try scanString()
    case UInt8(ascii: "["): try scanArray()
    case UInt8(ascii: "{"): try scanInlineTable()
    default: try scanWord()
    }
  }

  private mutating func scanArray() throws(SyntaxFault) {
    try deepen(by: 1)
    index += 1
    try skipLines()
    while current != UInt8(ascii: "]") {
      try scanValue()
      try skipLines()
      guard current == UInt8(ascii: ",") else { break }
      index += 1
      try skipLines()
    }
    try expect("]", "a comma or ]")
    depth -= 1
  }

  /// Skips space, comments and ends of lines.
  private mutating func skipLines() throws(SyntaxFault) {
    skipSpace()
    while let byte = current, [UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#")].contains(byte) {
      try scanEndOfLine()
      skipSpace()
    }
  }

  private mutating func scanInlineTable() throws(SyntaxFault) {
    try deepen(by: 1)
    try count(1)
    index += 1
    skipSpace()
    if current != UInt8(ascii: "}") {
      try scanPair()
      skipSpace()
      while current == UInt8(ascii: ",") {
        index += 1
        skipSpace()
        try scanPair()
        skipSpace()
      }
    }
    try expect("}", "a comma or }")
    depth -= 1
  }

  /// Scans a number, a date, a time, `true` or `false`: anything of their characters.
  private mutating func scanWord() throws(SyntaxFault) {
    let first = index
    skipWord()
    guard index > first else { throw fault("a value") }
    // A space may stand between a date and a time.
    if Self.isDigit(bytes[first]), current == UInt8(ascii: " "), index + 1 < bytes.count, Self.isDigit(bytes[index + 1])
    {
      index += 1
      let time = bytes[index...].prefix(3)
      guard time.count == 3, time.prefix(2).allSatisfy(Self.isDigit), time.last == UInt8(ascii: ":") else {
        throw fault("a comma, a time or the end of the line")
      }
      skipWord()
    }
    guard index - first <= Self.maximumWord else {
      throw SyntaxFault(index: first, expected: "a value of at most \(Self.maximumWord) characters")
    }
  }

  private mutating func skipWord() {
    while let byte = current, Self.isKeyCharacter(byte) || "+.:".utf8.contains(byte) { index += 1 }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

// MARK: - Strings

extension TOMLScanner {
  private mutating func scanString() throws(SyntaxFault) {
    let quote = bytes[index]
    if bytes[index...].prefix(3).elementsEqual([quote, quote, quote]) {
      index += 3
      try scanLines(quote)
    } else {
      index += 1
      try scanLine(quote)
    }
  }

  /// Skips a byte of a string, and what it escapes; the digits behind `u` are text like any other.
  private mutating func skip(_ byte: UInt8, in quote: UInt8) throws(SyntaxFault) {
    guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") else {
      index += 1
      return
    }
    let rest = bytes[index...].dropFirst()
    for (letter, digits) in [(UInt8(ascii: "u"), 4), (UInt8(ascii: "U"), 8)] where rest.first == letter {
      let number = rest.dropFirst().prefix(digits)
      if number.count == digits, number.allSatisfy({ $0 == UInt8(ascii: "0") }) { throw fault("text without \\u0000") }
    }
    index += 2
  }

  /// Scans to the end of a string on one line.
  private mutating func scanLine(_ quote: UInt8) throws(SyntaxFault) {
    while let byte = current, byte != UInt8(ascii: "\n") {
      try skip(byte, in: quote)
      if byte == quote { return }
    }
    index = min(index, bytes.count)
    throw fault("the quote that ends the string")
  }

  /// Scans to the end of a string of several lines. Two more quotes may stand before the three that end it.
  private mutating func scanLines(_ quote: UInt8) throws(SyntaxFault) {
    while let byte = current {
      guard byte == quote else {
        try skip(byte, in: quote)
        continue
      }
      let quotes = bytes[index...].prefix(5).prefix { $0 == quote }.count
      index += quotes
      if quotes >= 3 { return }
    }
    index = min(index, bytes.count)
    throw fault("the three quotes that end the string")
  }
}
