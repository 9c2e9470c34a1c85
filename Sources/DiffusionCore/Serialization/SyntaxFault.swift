/// The position where a text breaks the grammar of its format, and what was expected there.
package struct SyntaxFault: Error, Equatable {
  /// The first byte that does not fit; the number of bytes if the text ends too early.
  package let index: Int
  /// What the format allows there: "a comma or ]".
  package let expected: String

  /// Creates a fault.
  package init(index: Int, expected: String) { (self.index, self.expected) = (index, expected) }

  /// A one-line message with the line and the column, counted from 1, in Unicode characters.
  package func description(in bytes: [UInt8]) -> String {
    "\(TextPosition(of: index, in: bytes)): expected \(expected), found \(found(in: bytes))"
  }

  private func found(in bytes: [UInt8]) -> String {
    guard bytes.indices.contains(index) else { return "the end" }
    switch bytes[index] {
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return "the end of the line"
    case ..<0x20: return "a control character"
    default: break
    }
    var rest = bytes[index...].prefix(4).makeIterator(), parser = Unicode.UTF8.ForwardParser()
    if case .error = parser.parseScalar(from: &rest) {
      return "the byte 0x" + String(bytes[index], radix: 16, uppercase: true)
    }
    let word = bytes[index...].prefix { Self.isLetter($0) }
    let text = word.isEmpty ? String(decoding: bytes[index...].prefix(4), as: UTF8.self).prefix(1) : ""
    return "'" + (text.isEmpty ? String(decoding: word.prefix(12), as: UTF8.self)[...] : text) + "'"
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
}

/// A place in a text, as errors show it: `line 3, column 7`.
package struct TextPosition: Sendable, Equatable, CustomStringConvertible {
  /// The line, from 1.
  package let line: Int
  /// The column, from 1, in Unicode characters.
  package let column: Int

  /// Creates a position.
  package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

  /// The position of a byte of a text in UTF-8.
  package init(of index: Int, in bytes: [UInt8]) {
    let before = bytes[..<min(index, bytes.count)]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    line = before.count { $0 == UInt8(ascii: "\n") } + 1
    // Continuation bytes of UTF-8 are not counted.
    column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
  }

  /// `line 3, column 7`.
  package var description: String { "line \(line), column \(column)" }
}
