import CNCurses

/// How many columns a terminal gives to text.
///
/// What a single scalar takes is the C library's to say, which ncurses and most terminals ask too. Terminals disagree
/// on what goes beyond that: a family of emoji joined to one, a hand with a skin tone, a heart that a variation
/// selector makes colourful take two columns here and six there. Such a character is therefore taken apart into the
/// glyphs on which all of them agree, and what only joins or tints them is left out.
package struct TextMeasure: Sendable {
  /// A base with the marks on it, which has one or two columns of its own.
  package struct Glyph: Sendable, Hashable {
    package let character: Character
    package let columns: Int
  }

  /// The marks that ncurses keeps of one base.
  private static let mostMarks = 4

  private let scalarColumns: @Sendable (Unicode.Scalar) -> Int

  /// Makes a measure of any table of widths.
  ///
  /// - Parameter scalarColumns: 1 or 2 for a scalar with columns of its own, 0 for a mark, less for one that is not
  ///   known.
  package init(scalarColumns: @escaping @Sendable (Unicode.Scalar) -> Int) { self.scalarColumns = scalarColumns }

  /// The C library's `wcwidth` in UTF-8, whatever the locale of the process.
  package static let system = TextMeasure { Int(cnc_columns($0.value)) }

  /// What a character looks like on a terminal. What is not printable is U+FFFD, and what the system does not know a
  /// question mark. A mark without a base stands on a dotted circle.
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

  /// Whether a scalar only joins, tints or varies what is before it.
  private static func isLeftOut(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
    let properties = scalar.properties
    return scalar == "\u{200D}" || properties.isVariationSelector
      || (isFirst ? scalar == "\u{200C}" : properties.isEmojiModifier)
  }

  /// The columns of a character.
  package func columns(of character: Character) -> Int {
    character.isPrintableASCII ? 1 : glyphs(of: character).reduce(0) { $0 + $1.columns }
  }

  /// The columns of a text.
  package func columns(of text: some StringProtocol) -> Int {
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    return isPlain ? text.utf8.count : text.reduce(0) { $0 + columns(of: $1) }
  }

  /// The most characters at the beginning of a text that fit so many columns.
  package func prefix(of text: some StringProtocol, columns: Int) -> String {
    var left = columns
    return String(
      text.prefix { character in
        left -= self.columns(of: character)
        return left >= 0
      })
  }

  /// The most characters at the end of a text that fit so many columns.
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
  /// How many columns it takes on a terminal.
  package var columns: Int { TextMeasure.system.columns(of: self) }

  /// As much of its beginning as fits so many columns, in whole characters.
  package func prefix(columns: Int) -> String { TextMeasure.system.prefix(of: self, columns: columns) }

  /// As much of its end as fits so many columns, in whole characters.
  package func suffix(columns: Int) -> String { TextMeasure.system.suffix(of: self, columns: columns) }
}

extension Character {
  /// Whether it takes two columns or more on a terminal.
  package var isWide: Bool { TextMeasure.system.columns(of: self) > 1 }

  fileprivate var isPrintableASCII: Bool { asciiValue.map { $0 >= 0x20 && $0 < 0x7F } ?? false }
}
