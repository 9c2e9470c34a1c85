/// Where a text stops being JSON, and what should stand there. Looked for once a decoder has refused the text, which
/// does not say where.
struct JSONFault: Error, Equatable {
  /// The first byte that does not fit; the number of bytes where the text ends too early.
  let index: Int
  /// What JSON has there: "a comma or ]".
  let expected: String

  /// The first fault of a text; nil if every byte of it fits JSON's grammar.
  init?(in bytes: [UInt8]) {
    var scanner = JSONScanner(bytes)
    do {
      try scanner.scan()
      return nil
    } catch {
      self = error
    }
  }

  /// Describes a fault.
  init(index: Int, expected: String) { (self.index, self.expected) = (index, expected) }

  /// One line for people, with the line and the column, counted from 1, in characters of Unicode.
  func description(in bytes: [UInt8]) -> String {
    let before = bytes[..<min(index, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    // Bytes that go on with a character are not counted.
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
