/// A Swift file as words: what is left of it without comments and string literals, whose interpolations count as code.
struct SwiftSource {
  /// An identifier, a keyword or a number, and what stands around it.
  struct Word {
    let text: String
    /// The last byte before it that is not white space; 0 at the beginning of the file.
    let before: UInt8
    /// The first byte after it that is not white space; 0 at the end of the file.
    let after: UInt8
    /// How many braces, brackets and parentheses are open around it.
    let depth: Int
  }

  /// The words, in the order of the file.
  private(set) var words: [Word] = []

  private let bytes: [UInt8]
  private var index = 0
  private var before: UInt8 = 0
  private var depth = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
    scanCode()
  }

  /// Scans to the end of the file, or past the parenthesis that closes an interpolation.
  private mutating func scanCode(isInterpolation: Bool = false) {
    let outer = depth
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "/") where isNext("//"): skip(to: "\n")
      case UInt8(ascii: "/") where isNext("/*"): skip(to: "*/")
      case UInt8(ascii: "\""): scanString(hashes: 0)
      case UInt8(ascii: "#"):
        let hashes = bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
        if index + hashes < bytes.count, bytes[index + hashes] == UInt8(ascii: "\"") {
          index += hashes
          scanString(hashes: hashes)
        } else {
          index += hashes
        }
      case let byte where Self.isWord(byte): scanWord()
      case let byte:
        scanSign(byte)
        if isInterpolation, depth < outer { return }
      }
    }
  }

  private func isNext(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

  private mutating func skip(to end: String) {
    while index < bytes.count, !isNext(end) { index += 1 }
    index += end.utf8.count
  }

  private mutating func scanSign(_ byte: UInt8) {
    if "{([".utf8.contains(byte) { depth += 1 }
    if "})]".utf8.contains(byte) { depth -= 1 }
    if byte > 32 { before = byte }
    index += 1
  }

  private mutating func scanWord() {
    let text = bytes[index...].prefix(while: Self.isWord)
    index = text.endIndex
    let after = bytes[index...].first { $0 > 32 && $0 != UInt8(ascii: "`") } ?? 0
    words.append(
      Word(text: String(decoding: text, as: UTF8.self), before: before, after: after, depth: depth))
    before = text.last ?? before
  }

  /// Scans a literal, whose first quotation mark is next.
  private mutating func scanString(hashes: Int) {
    let mark = String(repeating: "#", count: hashes)
    let quotes = isNext("\"\"\"") ? "\"\"\"" : "\""
    index += quotes.utf8.count
    while index < bytes.count, !isNext(quotes + mark) {
      guard isNext("\\" + mark) else {
        index += 1
        continue
      }
      index += 1 + hashes
      let isInterpolation = isNext("(")
      index += 1
      guard isInterpolation else { continue }
      (before, depth) = (UInt8(ascii: "("), depth + 1)
      scanCode(isInterpolation: true)
    }
    index += quotes.utf8.count + hashes
    before = UInt8(ascii: "\"")
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...: true
    default: false
    }
  }
}
