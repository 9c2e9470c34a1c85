import CNCurses

/// Measures how many columns text takes on a terminal.
///
/// The width of a single scalar comes from the C library, which ncurses and most terminals use too. Beyond that
/// terminals disagree: a family of joined emoji, a hand with a skin tone, or a heart with a variation selector takes
/// two columns on one and six on another. Such a character is therefore split into the glyphs on which all of them
/// agree, and scalars that only join or tint them are omitted.
package struct TextMeasure: Sendable {
  /// A base with its marks, one or two columns wide.
  package struct Glyph: Sendable, Hashable {
    package let character: Character
    package let columns: Int
  }

  /// The number of marks that ncurses keeps per base.
  private static let mostMarks = 4

  private let scalarColumns: @Sendable (Unicode.Scalar) -> Int

  /// Creates a measure from a table of widths.
  ///
  /// - Parameter scalarColumns: Returns 1 or 2 for a scalar with a width, 0 for a mark, and less for an unknown scalar.
  package init(scalarColumns: @escaping @Sendable (Unicode.Scalar) -> Int) { self.scalarColumns = scalarColumns }

  /// The C library's `wcwidth` in UTF-8, whatever the locale of the process.
  package static let system = TextMeasure { Int(cnc_columns($0.value)) }

  /// The glyphs of a character on a terminal. An unprintable scalar becomes U+FFFD, and one unknown to the system a
  /// question mark. A mark without a base gets a dotted circle.
  package func glyphs(of character: Character) -> [Glyph] {
    if character.isPrintableASCII { return [Glyph(character: character, columns: 1)] }
    var glyphs: [(base: Unicode.Scalar, marks: [Unicode.Scalar], columns: Int)] = []
    for scalar in character.unicodeScalars where !Self.isLeftOut(scalar, isFirst: glyphs.isEmpty) {
      let columns = scalar.isPrintable ? scalarColumns(scalar) : 1
      if columns > 0 {
        glyphs.append((scalar.isPrintable ? scalar : "\u{FFFD}", [], columns))
      } else if columns < 0 {
        glyphs.append(("?", [], 1))
      } else {
        if glyphs.isEmpty { glyphs.append(("\u{25CC}", [], 1)) }
        glyphs[glyphs.count - 1].marks.append(scalar)
      }
    }
    return glyphs.compactMap { base, marks, columns in
      let text = String(String.UnicodeScalarView([base] + marks.prefix(Self.mostMarks)))
      return text.first.map { Glyph(character: $0, columns: columns) }
    }
  }

  /// Whether a scalar only joins, tints or varies the one before it.
  private static func isLeftOut(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
    let properties = scalar.properties
    return scalar == "\u{200D}" || properties.isVariationSelector
      || (isFirst ? scalar == "\u{200C}" : properties.isEmojiModifier)
  }

  /// The width of a character in columns.
  package func columns(of character: Character) -> Int {
    character.isPrintableASCII ? 1 : glyphs(of: character).reduce(0) { $0 + $1.columns }
  }

  /// The width of text in columns.
  package func columns(of text: some StringProtocol) -> Int {
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    return isPlain ? text.utf8.count : text.reduce(0) { $0 + columns(of: $1) }
  }

  /// Whether text takes at most a number of columns. No more of it is read than that.
  package func fits(_ text: some StringProtocol, columns: Int) -> Bool {
    var left = columns
    return text.allSatisfy { character in
      left -= self.columns(of: character)
      return left >= 0
    }
  }

  /// The longest prefix that fits a number of columns.
  package func prefix(of text: some StringProtocol, columns: Int) -> String {
    var left = columns
    return String(
      text.prefix { character in
        left -= self.columns(of: character)
        return left >= 0
      })
  }

  /// The longest suffix that fits a number of columns.
  package func suffix(of text: some StringProtocol, columns: Int) -> String {
    var left = columns
    let rest = text.reversed().prefix { character in
      left -= self.columns(of: character)
      return left >= 0
    }
    return String(text.suffix(rest.count))
  }
}

extension StringProtocol {
  /// The width on a terminal, in columns.
  package var columns: Int { TextMeasure.system.columns(of: self) }

  /// Whether it takes at most a number of columns on a terminal.
  package func fits(columns: Int) -> Bool { TextMeasure.system.fits(self, columns: columns) }

  /// The longest prefix of whole characters that fits a number of columns.
  package func prefix(columns: Int) -> String { TextMeasure.system.prefix(of: self, columns: columns) }

  /// The first of its Unicode scalars. A character may have any number of marks, so characters are no limit.
  package func prefix(scalars count: Int) -> String { String(String.UnicodeScalarView(unicodeScalars.prefix(count))) }

  /// The longest suffix of whole characters that fits a number of columns.
  package func suffix(columns: Int) -> String { TextMeasure.system.suffix(of: self, columns: columns) }
}

/// Shortening.
extension String {
  private static let gap = "..."

  /// The text in at most some columns: its beginning and its end, with dots between them.
  package func shortened(columns: Int) -> String {
    guard !fits(columns: columns) else { return self }
    guard columns > 2 * Self.gap.columns else { return prefix(columns: columns) }
    let head = prefix(columns: (columns - Self.gap.columns + 1) / 2)
    return head + Self.gap + suffix(columns: columns - Self.gap.columns - head.columns)
  }

  /// The same, unless that would be the same as what is left of one of the others: then from the word on in which it
  /// differs from the one that it is most like.
  package func shortened(columns: Int, among others: [String]) -> String {
    let text = shortened(columns: columns)
    let alike = others.filter { $0 != self && $0.shortened(columns: columns) == text }
    guard let end = alike.map({ firstDifference(from: $0) }).max() else { return text }
    let start = self[..<end].lastIndex(of: " ").map { index(after: $0) } ?? end
    let rest = self[start...]
    guard columns > 2 * Self.gap.columns else { return rest.prefix(columns: columns) }
    if rest.fits(columns: columns - Self.gap.columns) { return Self.gap + suffix(columns: columns - Self.gap.columns) }
    return Self.gap + rest.prefix(columns: columns - 2 * Self.gap.columns) + Self.gap
  }

  /// The character from which on it differs from another.
  private func firstDifference(from other: String) -> Index {
    var place = utf8.index(startIndex, offsetBy: zip(utf8, other.utf8).prefix { $0 == $1 }.count)
    while Index(place, within: self) == nil { place = utf8.index(before: place) }
    return place
  }
}

extension Character {
  /// Whether it takes at least two columns on a terminal.
  package var isWide: Bool { TextMeasure.system.columns(of: self) > 1 }

  fileprivate var isPrintableASCII: Bool { asciiValue.map { $0 >= 0x20 && $0 < 0x7F } ?? false }
}
