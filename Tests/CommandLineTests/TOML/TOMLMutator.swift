import TestSupport

/// Damages TOML: changes valid texts at random places, and puts fragments of TOML's grammar where they do not belong.
struct TOMLMutator {
  /// The texts to start from.
  let corpus: [[UInt8]]

  /// A text of its own for each number.
  func text(_ number: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: number)
    var text = corpus[Int.random(in: corpus.indices, using: &generator)]
    // Long texts are slow, and most of what can go wrong fits on a few lines.
    if text.count > 400, number % 8 != 0 {
      let start = Int.random(in: 0..<(text.count - 200), using: &generator)
      text = Array(text[start...].prefix(Int.random(in: 1...400, using: &generator)))
    }
    for _ in 0..<Int.random(in: 1...5, using: &generator) { mutate(&text, &generator) }
    return text
  }

  private func mutate(_ text: inout [UInt8], _ generator: inout SplitMix64) {
    let place = Int.random(in: 0...text.count, using: &generator)
    let end = min(text.count, place + Int.random(in: 1...12, using: &generator))
    switch Int.random(in: 0..<8, using: &generator) {
    case 0...3: text.insert(contentsOf: Self.fragments.randomElement(using: &generator) ?? [], at: place)
    case 4: text.removeSubrange(place..<end)
    case 5: text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &generator))
    case 6: text.insert(UInt8.random(in: 0...255, using: &generator), at: place)
    default: text.removeSubrange(place...)
    }
  }

  /// What has a meaning in TOML, valid or not, and what nests deeply or is long.
  private static let fragments: [[UInt8]] =
    [
      "[", "[[", "[[[", "]", "]]", "[.x]", "[=", "[@keys]", "[ ", "[[ x ]]", "[a.b.c]", "[a.\"b\".'c']", "[#", "[\"",
      "{", "}", "{}", "{ a = 1, }", "{a.b={c=[1]}}", "[1, 2]", "[[1], []]", "[,]", ",", "=", "= ", ".", " . ", "a.b",
      "a = ", "b = 1\n", "\"\"", "\"\"\"", "'''", "''", "'", "\"", "\"\"\"\"\"", "\\", "\\u0000", "\\uD800",
      "\\U0010FFFF", "\\x", "\\\n", "#", "# é\n", "\n", "\r", "\r\n", "\t", "\0", "\u{B}", "\u{85}", "\u{2028}",
      "\u{FEFF}", "\u{7F}", "é", "😀", "2020-01-01", "2020-01-01 1", "2020-01-01 07:32:00", "2020-01-01T07:32:00Z",
      "1979-05-27T00:32:00.999999-07:00", "07:32:00", "2_0_2_0-0_1-0_1 1", "1_", "_1", "+1", "-", "+_1", "0x1F", "0x",
      "0o7", "0b2", "0xp1", "1e5", "1e", "1.", ".5", "1.5e+3", "+inf", "-nan", "inf", "true", "fals", "run", "keys",
      "explorer", "roles", "runs", "steps", "[[run]]\nseed = ", "scheduler-options = ", "9223372036854775808",
    ].map { Array($0.utf8) } + [
      [0xFF], [0xC3], [0xED, 0xA0, 0x80], Array(repeating: UInt8(ascii: "["), count: 300),
      Array(repeating: UInt8(ascii: "_"), count: 130), Array(repeating: UInt8(ascii: "7"), count: 130),
      (0..<200).flatMap { _ in Array("a.".utf8) }, (0..<200).flatMap { _ in Array("{a=".utf8) },
    ]
}
