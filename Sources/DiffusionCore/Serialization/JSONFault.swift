/// The position where a text is not valid JSON, and what was expected there. It is searched for when a decoder has
/// refused the text, since the decoder does not report the position.
struct JSONFault: Error, Equatable {
  /// The first byte that does not fit; the number of bytes if the text ends too early.
  let index: Int
  /// What JSON allows there: "a comma or ]".
  let expected: String

  /// The first fault of a text; nil if the text fits JSON's grammar.
  init?(in bytes: [UInt8]) {
    var scanner = JSONScanner(bytes)
    do {
      try scanner.scan()
      return nil
    } catch {
      self = error
    }
  }

  /// Creates a fault.
  init(index: Int, expected: String) { (self.index, self.expected) = (index, expected) }

  /// A one-line message with the line and the column, counted from 1, in Unicode characters.
  func description(in bytes: [UInt8]) -> String {
    let before = bytes[..<min(index, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    // Continuation bytes of UTF-8 are not counted.
    let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    return "line \(line), column \(column): expected \(expected), found \(found(in: bytes))"
  }

  private func found(in bytes: [UInt8]) -> String {
    guard bytes.indices.contains(index) else { return "the end" }
    switch bytes[index] {
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return "the end of the line"
    case ..<0x20: return "a control character"
    default: break
    }
    let word = bytes[index...].prefix { Self.isLetter($0) }
    let text = word.isEmpty ? String(decoding: bytes[index...].prefix(4), as: UTF8.self).prefix(1) : ""
    return "'" + (text.isEmpty ? String(decoding: word.prefix(12), as: UTF8.self)[...] : text) + "'"
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
}
