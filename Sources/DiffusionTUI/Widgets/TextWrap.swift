/// Wraps text to a number of columns. Lines break between words, and between wide characters, which are written without
/// spaces; a word that is too long is broken.
package struct TextWrap {
  package private(set) var lines: [String] = []

  private let columns: Int
  private var line = ""
  private var used = 0

  package init(_ text: String, columns: Int) {
    self.columns = max(1, columns)
    for word in text.split(whereSeparator: \.isWhitespace) {
      for (index, part) in Self.parts(of: word).enumerated() { append(part, isNewWord: index == 0) }
    }
    if !line.isEmpty { lines.append(line) }
  }

  private mutating func append(_ part: String, isNewWord: Bool) {
    let gap = isNewWord && !line.isEmpty ? " " : ""
    let width = part.columns
    if used + gap.count + width <= columns {
      line += gap + part
      used += gap.count + width
      return
    }
    if !line.isEmpty { lines.append(line) }
    (line, used) = ("", 0)
    guard width > columns else { return append(part, isNewWord: true) }
    for character in part {
      let width = String(character).columns
      if !line.isEmpty, used + width > columns {
        lines.append(line)
        (line, used) = ("", 0)
      }
      line.append(character)
      used += width
    }
  }

  /// The parts of a word between which a line may break.
  private static func parts(of word: Substring) -> [String] {
    guard word.utf8.contains(where: { $0 >= 0x80 }) else { return [String(word)] }
    var parts: [String] = []
    var last: Character?
    for character in word {
      if let last, isKept(last, with: character) {
        parts[parts.count - 1].append(character)
      } else {
        parts.append(String(character))
      }
      last = character
    }
    return parts
  }

  /// Whether two neighbours stay on one line: if neither is wide, and so that no line ends in an opening bracket or
  /// begins with a closing one, a full stop, comma or the like, or a sign that prolongs the character before it.
  private static func isKept(_ left: Character, with right: Character) -> Bool {
    guard left.isWide || right.isWide else { return true }
    let categories = [left, right].map { $0.unicodeScalars.first?.properties.generalCategory }
    switch (categories[0], categories[1]) {
    case (.openPunctuation, _), (.initialPunctuation, _): return true
    case (_, .closePunctuation), (_, .finalPunctuation), (_, .otherPunctuation), (_, .modifierLetter): return true
    default: return false
    }
  }
}

extension Frame {
  /// Writes in the middle of a rectangle why there is no picture.
  mutating func writeMissing(_ text: String, in part: Rect, look: Look) {
    guard part.rows > 0 else { return }
    let lines = TextWrap(text, columns: part.columns).lines.prefix(part.rows)
    for (index, line) in lines.enumerated() {
      writeCentered(line, look[.dim], in: part, row: part.row + (part.rows - lines.count) / 2 + index)
    }
  }
}
