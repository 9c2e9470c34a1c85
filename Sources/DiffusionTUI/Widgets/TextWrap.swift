/// Text in lines of at most so many columns, broken between words; a word that is too long is broken inside.
package struct TextWrap {
  package let lines: [String]

  package init(_ text: String, columns: Int) {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      var word = String(word)
      if !line.isEmpty, line.count + 1 + word.count > columns {
        lines.append(line)
        line = ""
      }
      while word.count > max(1, columns) {
        lines.append(String(word.prefix(max(1, columns))))
        word = String(word.dropFirst(max(1, columns)))
      }
      line += line.isEmpty ? word : " " + word
    }
    if !line.isEmpty { lines.append(line) }
    self.lines = lines
  }
}

extension Frame {
  /// Says in the middle of a part why there is no picture.
  mutating func writeMissing(_ text: String, in part: Rect, look: Look) {
    guard part.rows > 0 else { return }
    writeCentered(text, look[.dim], in: part, row: part.row + (part.rows - 1) / 2)
  }
}
