/// Parses JSON (RFC 8259) as Python's `json` does: of a key that occurs again in an object, the last value counts, and
/// `NaN`, `Infinity` and `-Infinity` are numbers. It does not recurse, however deeply values are nested.
struct JSONParser {
  /// A key that occurs again in its object.
  struct Repeat {
    let key: String
    /// The byte at which the later key begins.
    let index: Int
  }

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

  /// An array or an object that is not closed yet.
  private struct Level {
    let isObject: Bool
    var list: [SettingValue] = []
    var table: [String: SettingValue] = [:]
    /// The key of the value that comes next.
    var key = "", keyIndex = 0
  }

  /// Values are freed level by level, by recursion.
  static let maximumDepth = 512

  /// The levels up to which the grammar is checked: each takes memory while it is open.
  private static let mostLevels = 200_000

  /// Every key that occurred again, in the order of the text.
  private(set) var repeats: [Repeat] = []
  private let bytes: [UInt8]
  private var index = 0
  private var level = Level(isObject: false)
  private var outer: [Level] = []
  /// The levels that are open.
  private var depth = 0
  /// The first bracket that is too deep. The grammar is checked to the end, since its faults come first.
  private var tooDeep: SyntaxFault?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Parses the whole text.
  ///
  /// - Throws: The first fault.
  mutating func parse() throws(SyntaxFault) -> SettingValue {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if bytes.starts(with: mark) { index = mark.count }
    var expectation = Expectation.value
    while true {
      skipSpace()
      if current == nil, expectation == .end { break }
      expectation = try step(expectation)
    }
    if let tooDeep { throw tooDeep }
    return level.list.first ?? .null
  }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }

  /// Parses the next token.
  ///
  /// - Returns: The tokens allowed after it.
  private mutating func step(_ expectation: Expectation) throws(SyntaxFault) -> Expectation {
    switch (expectation, current) {
    case (.valueOrEnd, UInt8(ascii: "]")), (.keyOrEnd, UInt8(ascii: "}")), (.commaOrBracket, UInt8(ascii: "]")),
      (.commaOrBrace, UInt8(ascii: "}")):
      index += 1
      return try close()
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
      level.keyIndex = index
      level.key = try parseString()
      return .colon
    case (.value, let byte?), (.valueOrEnd, let byte?): return try parseValue(byte, expectation)
    default: throw SyntaxFault(index: index, expected: expectation.rawValue)
    }
  }

  private mutating func parseValue(_ byte: UInt8, _ expectation: Expectation) throws(SyntaxFault) -> Expectation {
    switch byte {
    case UInt8(ascii: "{"):
      try open(isObject: true)
      return .keyOrEnd
    case UInt8(ascii: "["):
      try open(isObject: false)
      return .valueOrEnd
    case UInt8(ascii: "\""): return try add(.text(try parseString()))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try add(try parseNumber())
    default:
      guard let (word, value) = Self.words.first(where: { bytes[index...].starts(with: $0.word.utf8) }) else {
        throw SyntaxFault(index: index, expected: expectation.rawValue)
      }
      index += word.utf8.count
      return try add(value)
    }
  }

  private static let words: [(word: String, value: SettingValue)] = [
    ("true", .bool(true)), ("false", .bool(false)), ("null", .null), ("NaN", .number(.nan)),
    ("Infinity", .number(.infinity)),
  ]
}

// MARK: - Arrays and objects

extension JSONParser {
  private mutating func open(isObject: Bool) throws(SyntaxFault) {
    depth += 1
    if let tooDeep, depth > Self.mostLevels { throw tooDeep }
    if depth > Self.maximumDepth, tooDeep == nil {
      tooDeep = SyntaxFault(index: index, expected: "at most \(Self.maximumDepth) levels")
    }
    index += 1
    outer.append(level)
    level = Level(isObject: isObject)
    if !isObject { reserveForNumbers() }
  }

  /// Makes room for a long list of numbers at once: growing would take three times its memory for a while.
  private mutating func reserveForNumbers() {
    guard bytes.count - index > Self.longList else { return }
    var commas = 0
    for byte in bytes[index...] {
      if byte == UInt8(ascii: ",") { commas += 1 }
      if byte == UInt8(ascii: "\"") || JSONText.isBracket(byte) { break }
    }
    if commas > Self.longList { level.list.reserveCapacity(commas + 1) }
  }

  /// The numbers in a list from which on room is made for them at once.
  private static let longList = 10_000

  private mutating func close() throws(SyntaxFault) -> Expectation {
    let isKept = depth <= Self.maximumDepth
    let value: SettingValue = isKept ? level.isObject ? .table(level.table) : .list(level.list) : .null
    depth -= 1
    level = outer.removeLast()
    return try add(value)
  }

  /// Keeps the place of a key that occurs again, and refuses one that Python tells apart from the earlier one and Swift
  /// does not: é as a single scalar, and as e with an accent.
  private mutating func addRepeat() throws(SyntaxFault) {
    let key = level.key
    if let earlier = level.table.index(forKey: key), !level.table[earlier].key.utf8.elementsEqual(key.utf8) {
      throw SyntaxFault(
        index: level.keyIndex + 1, expected: "a key that differs from earlier ones in more than its Unicode form")
    }
    repeats.append(Repeat(key: key, index: level.keyIndex))
  }

  /// Adds a complete value to the array or object that is open.
  private mutating func add(_ value: SettingValue) throws(SyntaxFault) -> Expectation {
    if level.isObject {
      if level.table.updateValue(value, forKey: level.key) != nil { try addRepeat() }
      return .commaOrBrace
    }
    level.list.append(value)
    return depth == 0 ? .end : .commaOrBracket
  }
}

// MARK: - Strings

extension JSONParser {
  private mutating func parseString() throws(SyntaxFault) -> String {
    let start = index
    index += 1
    while let byte = current, byte >= 0x20 {
      if byte == UInt8(ascii: "\\") { return try parseEscapes(from: start) }
      index += 1
      if byte == UInt8(ascii: "\"") { return try text(bytes[(start + 1)..<(index - 1)], at: start) }
    }
    throw SyntaxFault(index: index, expected: "the double quote that ends the string")
  }

  private func text(_ bytes: some Sequence<UInt8>, at start: Int) throws(SyntaxFault) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    // Escapes are ASCII, so that the first byte which is no text is the same in the file.
    var rest = self.bytes[start...].makeIterator(), parser = Unicode.UTF8.ForwardParser(), place = start
    while case .valid(let scalar) = parser.parseScalar(from: &rest) { place += scalar.count }
    throw SyntaxFault(index: place, expected: "text in UTF-8")
  }

  /// Parses the rest of a string from its first escape.
  private mutating func parseEscapes(from start: Int) throws(SyntaxFault) -> String {
    var characters = Array(bytes[(start + 1)..<index])
    while let byte = current, byte >= 0x20 {
      index += 1
      if byte == UInt8(ascii: "\"") { return try text(characters, at: start) }
      if byte == UInt8(ascii: "\\") {
        characters += try parseEscape()
      } else {
        characters.append(byte)
      }
    }
    throw SyntaxFault(index: index, expected: "the double quote that ends the string")
  }

  /// Parses what follows a backslash.
  private mutating func parseEscape() throws(SyntaxFault) -> [UInt8] {
    let escapes: [(Unicode.Scalar, UInt8)] = [
      ("\"", 0x22), ("\\", 0x5C), ("/", 0x2F), ("b", 0x08), ("f", 0x0C), ("n", 0x0A), ("r", 0x0D), ("t", 0x09),
    ]
    guard let byte = current, byte == UInt8(ascii: "u") || escapes.contains(where: { UInt8(ascii: $0.0) == byte })
    else {
      throw SyntaxFault(index: index, expected: "an escape such as \\n or \\u00e9")
    }
    if let (_, meaning) = escapes.first(where: { UInt8(ascii: $0.0) == byte }) {
      index += 1
      return [meaning]
    }
    let start = index - 1
    var units = [try parseUnit()]
    if UTF16.isLeadSurrogate(units[0]), bytes[index...].starts(with: "\\u".utf8) {
      index += 1
      units.append(try parseUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw SyntaxFault(index: start, expected: "both halves of a surrogate pair")
    }
    return Array(text.utf8)
  }

  /// Parses the `u` and the four digits of an escape.
  private mutating func parseUnit() throws(SyntaxFault) -> UInt16 {
    index += 1
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = current, let value = Character(Unicode.Scalar(digit)).hexDigitValue, digit < 0x80 else {
        throw SyntaxFault(index: index, expected: "four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(value)
      index += 1
    }
    return unit
  }
}

// MARK: - Numbers

extension JSONParser {
  private mutating func parseNumber() throws(SyntaxFault) -> SettingValue {
    let start = index
    var isWhole = true
    if current == UInt8(ascii: "-") { index += 1 }
    if index > start, current == UInt8(ascii: "I"), bytes[index...].starts(with: "Infinity".utf8) {
      index += "Infinity".utf8.count
      return .number(-.infinity)
    }
    // A number that begins with 0 has no further digits before its point.
    if current == UInt8(ascii: "0") { index += 1 } else { try skipDigits() }
    if current == UInt8(ascii: ".") {
      isWhole = false
      index += 1
      try skipDigits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isWhole = false
      index += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
      try skipDigits()
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    // -0 keeps its sign: it is how a float is written that has one.
    if isWhole, text != "-0", let number = Int128(text) { return .integer(number) }
    // Larger numbers become infinities, as in Python.
    return SettingValue(number: Double(text) ?? (text.hasPrefix("-") ? -.infinity : .infinity))
  }

  private mutating func skipDigits() throws(SyntaxFault) {
    let start = index
    while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
    guard index > start else { throw SyntaxFault(index: index, expected: "a digit") }
  }
}
