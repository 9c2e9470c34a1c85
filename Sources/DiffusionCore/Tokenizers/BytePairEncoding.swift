/// Byte-pair encoding with CLIP's mark at the end of a word (Sennrich et al. 2016, arXiv 1508.07909; the `BPE` model of
/// Hugging Face's tokenizers with the `end_of_word_suffix` `</w>`).
struct BytePairEncoding: Sendable {
  /// Two neighbouring tokens.
  private struct Pair: Hashable {
    let left, right: Int32
  }

  /// What a pair becomes; of several pairs in a word the one with the lowest rank is merged first.
  private struct Merge {
    let rank, token: Int32
  }

  /// The end of the text of a word's last token.
  private static let endOfWord = "</w>"

  private let merges: [Pair: Merge]
  /// The token of each byte inside a word, and at its end.
  private let inner, final: [Int32]

  /// Creates an encoder.
  ///
  /// - Parameters:
  ///   - vocabulary: The tokens and their merges.
  ///   - unknown: The text of the token for bytes that have none; nil if there is none.
  /// - Throws: ``DiffusionError`` (`badData`) that names the file and the token that the vocabulary lacks.
  init(_ vocabulary: TokenizerVocabulary, unknown: TokenText?) throws {
    let ids = vocabulary.ids
    var merges: [Pair: Merge] = [:]
    merges.reserveCapacity(vocabulary.merges.count)
    for (rank, merge) in vocabulary.merges.enumerated() {
      func token(_ text: String) throws -> Int32 {
        if let token = ids[TokenText(text)] { return token }
        throw DiffusionError(
          .badData,
          "\(vocabulary.mergesFile): merge \(rank + 1), \(SettingValue.text("\(merge.left) \(merge.right)")), needs "
            + "the token \(SettingValue.text(text)), which is not in the vocabulary; fetch the tokenizer's files again"
        )
      }
      let pair = Pair(left: try token(merge.left), right: try token(merge.right))
      merges[pair] = Merge(rank: Int32(rank), token: try token(merge.left + merge.right))
    }
    let fallback = unknown.flatMap { ids[$0] }
    func token(_ text: String) throws -> Int32 {
      if let token = ids[TokenText(text)] ?? fallback { return token }
      throw DiffusionError(
        .badData,
        "\(vocabulary.file): no token \(SettingValue.text(text)): expected one for every byte, or an unk_token in the "
          + "vocabulary")
    }
    self.merges = merges
    inner = try Self.characters.map { try token(String($0)) }
    final = try Self.characters.map { try token(String($0) + Self.endOfWord) }
  }

  /// The printable characters that stand for the bytes in vocabularies (`bytes_to_unicode` of GPT-2): a byte that is a
  /// printable character of Latin-1 stands for itself, the others are moved to U+0100 and above in their order.
  private static var characters: [Unicode.Scalar] {
    var next: UInt8 = 0
    return (UInt8.min...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { next += 1 }
        return Unicode.Scalar(0x100 + UInt16(next)) ?? " "
      }
    }
  }

  private static let byteOfCharacter = Dictionary(
    zip(characters, UInt8.min...UInt8.max), uniquingKeysWith: { first, _ in first })

  /// The bytes that the characters of a token stand for; those of a character that stands for none are its own.
  static func bytes(of text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { byteOfCharacter[$0].map { [$0] } ?? Array(String($0).utf8) }
  }

  /// The tokens of a word's bytes. The time is that of sorting them, so that a word may be long.
  func tokens(of word: [UInt8]) -> [Int32] {
    guard let end = word.last else { return [] }
    var tokens = word.dropLast().map { inner[Int($0)] } + [final[Int(end)]]
    // A merged token takes the place of its first one; what it took is skipped from then on.
    let last = tokens.count - 1
    var next = Array(1...tokens.count)
    var previous = Array(-1..<last)
    var isTaken = Array(repeating: false, count: last + 1)
    var queue = MergeQueue()
    func offer(_ place: Int) {
      guard place >= 0, next[place] <= last, let merge = merge(tokens[place], tokens[next[place]])
      else { return }
      queue.push(MergeQueue.Entry(rank: merge.rank, place: Int32(place), token: merge.token))
    }
    for place in 0..<last { offer(place) }
    while let entry = queue.pop() {
      let place = Int(entry.place)
      let right = next[place]
      // The tokens here may have changed since.
      guard !isTaken[place], right <= last,
        merge(tokens[place], tokens[right])?.token == entry.token
      else { continue }
      tokens[place] = entry.token
      isTaken[right] = true
      next[place] = next[right]
      if next[place] <= last { previous[next[place]] = place }
      offer(previous[place])
      offer(place)
    }
    return tokens.indices.filter { !isTaken[$0] }.map { tokens[$0] }
  }

  private func merge(_ left: Int32, _ right: Int32) -> Merge? {
    merges[Pair(left: left, right: right)]
  }
}

/// The merges that a word allows, the lowest rank first and then the leftmost: a binary heap.
private struct MergeQueue {
  struct Entry {
    let rank, place, token: Int32

    func precedes(_ other: Entry) -> Bool { (rank, place) < (other.rank, other.place) }
  }

  private var entries: [Entry] = []

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[child].precedes(entries[(child - 1) / 2]) {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var parent = 0
    while true {
      let children = (2 * parent + 1...2 * parent + 2).prefix { $0 < entries.count }
      guard let least = children.min(by: { entries[$0].precedes(entries[$1]) }),
        entries[least].precedes(entries[parent])
      else { return first }
      entries.swapAt(least, parent)
      parent = least
    }
  }
}
