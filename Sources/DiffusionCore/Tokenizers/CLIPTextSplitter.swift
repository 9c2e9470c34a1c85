// The standard library's normal forms, which are not public yet; the public ones need all of Foundation.
@_spi(_Unicode) import Swift

/// What CLIP's tokenizer does to a text before byte-pair encoding: normal form C, one space for any white space, lower
/// case; then words. It is the normalizer and the pre-tokenizer of `CLIPTokenizer` in transformers 5.24.
enum CLIPTextSplitter {
  /// The kinds of scalars that words are made of.
  private enum Kind {
    case letter, number, space, other

    init(_ scalar: Unicode.Scalar) {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
        self = .letter
      case .decimalNumber, .letterNumber, .otherNumber: self = .number
      default: self = scalar.properties.isWhitespace ? .space : .other
      }
      // The reference's tables end with Unicode 16: what came later is neither letter nor number there.
      if self == .letter || self == .number, (scalar.properties.age?.major ?? 0) > 16 {
        self = .other
      }
    }
  }

  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map {
    Array($0.unicodeScalars)
  }
  /// Markers that are words of their own, then split once more like any other text.
  private static let markers = ["<|startoftext|>", "<|endoftext|>"].map { Array($0.unicodeScalars) }

  /// The text as it is split: in normal form C, in lower case, with one space for each run of white space. Letters are
  /// lowered one by one, so that a sigma at the end of a word is like any other.
  static func normalized(_ text: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
    var scalars: [Unicode.Scalar] = []
    var isAfterSpace = false
    for scalar in composed(text) {
      let isSpace = scalar.properties.isWhitespace
      if !isSpace {
        scalars += scalar.properties.lowercaseMapping.unicodeScalars
      } else if !isAfterSpace {
        scalars.append(" ")
      }
      isAfterSpace = isSpace
    }
    return scalars
  }

  /// The text in normal form C of Unicode 9, which the reference has: a scalar that came later neither moves nor joins
  /// another.
  private static func composed(_ text: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
    var composed: [Unicode.Scalar] = []
    var known = String.UnicodeScalarView()
    var marks: [Unicode.Scalar] = []
    func appendMarks() {
      // The standard library would insert them one by one, which takes long where there are thousands.
      if marks.count > 1 { marks.sort { $0.combiningClass < $1.combiningClass } }
      for mark in marks { known.append(mark) }
      marks.removeAll(keepingCapacity: true)
    }
    func append(_ scalar: Unicode.Scalar) {
      if scalar.combiningClass > 0 { return marks.append(scalar) }
      appendMarks()
      known.append(scalar)
    }
    for scalar in text {
      if !scalar.isASCII, (scalar.properties.age?.major ?? .max) > 9 {
        appendMarks()
        composed += String(known)._nfc
        composed.append(scalar)
        known = String.UnicodeScalarView()
      } else if !scalar.isASCII, scalar.properties.isFullCompositionExclusion {
        // Composing reorders only marks that are decomposed already: U+0F75 stands for two, and has no class.
        String(scalar)._nfd.forEach(append)
      } else {
        append(scalar)
      }
    }
    appendMarks()
    return composed + String(known)._nfc
  }

  /// The words of a normalized text, in UTF-8: contractions, runs of letters, single numbers, and runs of anything else
  /// but space.
  static func words(of text: [Unicode.Scalar]) -> [[UInt8]] {
    let kinds = text.map { Kind($0) }
    var words: [[UInt8]] = []
    var place = 0
    func take(_ count: Int) {
      var word = String.UnicodeScalarView()
      word += text[place..<place + count]
      words.append(Array(String(word).utf8))
      place += count
    }
    func takeRun(of kind: Kind) { take(kinds[place...].prefix { $0 == kind }.count) }
    while place < text.count {
      if markers.contains(where: { text[place...].starts(with: $0) }) {
        take(2)
        takeRun(of: .letter)
        take(2)
      } else if let contraction = contractions.first(where: { text[place...].starts(with: $0) }) {
        take(contraction.count)
      } else {
        switch kinds[place] {
        case .space: place += 1
        case .number: take(1)
        case .letter, .other: takeRun(of: kinds[place])
        }
      }
    }
    return words
  }
}

extension Unicode.Scalar {
  fileprivate var combiningClass: UInt8 {
    isASCII ? 0 : properties.canonicalCombiningClass.rawValue
  }
}
