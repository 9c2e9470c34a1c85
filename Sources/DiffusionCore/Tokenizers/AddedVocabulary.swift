/// The numbers of added tokens, and where they are in a text.
struct AddedVocabulary: Sendable {
  /// A part of a text.
  enum Part {
    case token(Int32)
    /// What stands between two tokens.
    case text(ArraySlice<Unicode.Scalar>)
  }

  private struct Entry {
    let scalars: [Unicode.Scalar]
    let id: Int32
    let isSingleWord: Bool
    /// Whether it is found and then text like any other.
    let isText: Bool
  }

  /// The numbers of the tokens by their texts.
  let ids: [TokenText: Int32]
  /// The tokens that are looked for in a text as it is written, and in the normalized one: by their first scalar, the
  /// longest first.
  private let written, normalized: [Unicode.Scalar: [Entry]]

  /// Gives numbers to tokens: that of the vocabulary, or else the next one.
  ///
  /// - Parameters:
  ///   - tokens: In the order in which they are added.
  ///   - vocabulary: The numbers of the other tokens.
  ///   - splitsSpecial: Whether special tokens are text like any other (`split_special_tokens`).
  init(_ tokens: [AddedToken], vocabulary: [TokenText: Int32], splitsSpecial: Bool) {
    var ids: [TokenText: Int32] = [:]
    var found: [Int32: AddedToken] = [:]
    var largest: Int32 = -1
    for token in tokens where !token.content.text.isEmpty {
      let id =
        ids[token.content] ?? vocabulary[token.content] ?? max(largest + 1, Int32(vocabulary.count))
      (ids[token.content], found[id], largest) = (id, token, max(largest, id))
    }
    self.ids = ids
    let special = splitsSpecial ? Set(tokens.filter(\.isSpecial).map(\.content)) : []
    func entries(isNormalized: Bool) -> [Unicode.Scalar: [Entry]] {
      let entries = found.sorted { $0.key < $1.key }.compactMap { id, token -> Entry? in
        guard token.isNormalized == isNormalized else { return nil }
        let scalars = Array(token.content.text.unicodeScalars)
        return Entry(
          scalars: isNormalized ? CLIPTextSplitter.normalized(scalars) : scalars, id: id,
          isSingleWord: token.isSingleWord, isText: special.contains(token.content))
      }
      return Dictionary(grouping: entries.filter { !$0.scalars.isEmpty }) { $0.scalars[0] }
        .mapValues { $0.sorted { $0.scalars.count > $1.scalars.count } }
    }
    (written, normalized) = (entries(isNormalized: false), entries(isNormalized: true))
  }

  /// Splits a text at the tokens: the leftmost first, and of those that begin at one place the longest.
  func parts(of text: [Unicode.Scalar], isNormalized: Bool) -> [Part] {
    let entries = isNormalized ? normalized : written
    var parts: [Part] = []
    var begin = 0
    var place = 0
    while !entries.isEmpty, place < text.count {
      guard
        let found = entries[text[place]]?.first(where: { text[place...].starts(with: $0.scalars) })
      else {
        place += 1
        continue
      }
      let end = place + found.scalars.count
      if !found.isText, !found.isSingleWord || Self.isWord(text, place..<end) {
        if begin < place { parts.append(.text(text[begin..<place])) }
        parts.append(.token(found.id))
        begin = end
      }
      place = end
    }
    if begin < text.count { parts.append(.text(text[begin...])) }
    return parts
  }

  /// Whether no part of a word is next to a range.
  private static func isWord(_ text: [Unicode.Scalar], _ range: Range<Int>) -> Bool {
    !(text[..<range.lowerBound].last.map(isOfWord) ?? false)
      && !(text[range.upperBound...].first.map(isOfWord) ?? false)
  }

  /// Whether a scalar is part of words, as `\w` of regular expressions has it (UTS #18).
  private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: scalar.properties.isAlphabetic || scalar.properties.isJoinControl
    }
  }
}
