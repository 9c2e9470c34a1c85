/// The names that a Swift file declares and mentions.
struct Declarations {
  /// Types at the top level that are visible to other files.
  private(set) var types: Set<String> = []
  /// Functions at the top level that are visible to other files.
  private(set) var functions: Set<String> = []
  /// Types within other types.
  private(set) var nestedTypes: Set<String> = []
  /// Members that extensions add, by the extended type.
  private(set) var extensionMembers: [(type: String, name: String)] = []
  /// Every name declared in the file at any level, including labels of parameters.
  private(set) var names: Set<String> = []
  /// Names in positions where a type may be named.
  private(set) var mentionedTypes: Set<String> = []
  /// Names that are called and are not members of anything.
  private(set) var calledFunctions: Set<String> = []
  /// Every word of the file.
  private(set) var words: Set<String> = []

  private static let typeKeywords: Set = [
    "struct", "class", "enum", "protocol", "actor", "typealias",
  ]
  private static let memberKeywords: Set = ["func", "var", "let", "case"]

  init(_ source: SwiftSource) {
    var extended: String?
    for (index, word) in source.words.enumerated() {
      words.insert(word.text)
      mention(word, after: index > 0 ? source.words[index - 1].text : "")
      if word.after == UInt8(ascii: ":") { names.insert(word.text) }
      if word.depth == 0, word.text == "extension", index + 1 < source.words.count {
        extended = source.words[index + 1].text
      } else if word.depth == 0,
        Self.typeKeywords.contains(word.text) || Self.memberKeywords.contains(word.text)
      {
        extended = nil
      }
      declare(at: index, in: source.words, extended: extended)
    }
  }

  private mutating func mention(_ word: SwiftSource.Word, after previous: String) {
    guard word.before != UInt8(ascii: "."), previous != "func" else { return }
    mentionedTypes.insert(word.text)
    if word.after == UInt8(ascii: "(") { calledFunctions.insert(word.text) }
  }

  private mutating func declare(at index: Int, in words: [SwiftSource.Word], extended: String?) {
    let keyword = words[index]
    let isType = Self.typeKeywords.contains(keyword.text)
    guard isType || Self.memberKeywords.contains(keyword.text), index + 1 < words.count else {
      return
    }
    let word = words[index + 1]
    // `case .some` and `let (a, b)` declare no name here; `class func` and `func <` have their name elsewhere, or none.
    guard word.before == keyword.text.utf8.last || word.before == UInt8(ascii: "`") else { return }
    names.insert(word.text)
    let isPrivate = words[max(0, index - 3)..<index].contains {
      $0.text == "private" || $0.text == "fileprivate"
    }
    if keyword.depth > 0 {
      if isType { nestedTypes.insert(word.text) }
      if keyword.depth == 1, let extended, !isPrivate {
        extensionMembers.append((extended, word.text))
      }
    } else if !isPrivate {
      if isType {
        types.insert(word.text)
      } else if keyword.text == "func" {
        functions.insert(word.text)
      }
    }
  }
}
