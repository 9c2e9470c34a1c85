/// Mixes a number and a key into seeds, as `numpy.random.SeedSequence` (O'Neill 2015, "Developing a seed_seq
/// alternative"; `numpy/random/bit_generator.pyx`).
struct SeedSequence: Sendable {
  private let pool: [UInt32]

  /// Mixes.
  ///
  /// - Parameters:
  ///   - entropy: The number.
  ///   - key: The key of a sequence that another one spawned; empty for none.
  ///   - poolSize: The number of words that are mixed, at least 4.
  init(entropy: UInt64, key: [UInt64] = [], poolSize: Int = 4) {
    var words = Self.words(of: entropy)
    if !key.isEmpty {
      words += Array(repeating: 0, count: max(0, poolSize - words.count)) + key.flatMap(Self.words)
    }
    var hash = Hash(constant: 0x43B0_D7E5, factor: 0x931E_8875)
    var pool = (0..<poolSize).map { hash($0 < words.count ? words[$0] : 0) }
    for source in pool.indices {
      for target in pool.indices where target != source { pool[target] = Self.mix(pool[target], hash(pool[source])) }
    }
    for word in words.dropFirst(poolSize) {
      for target in pool.indices { pool[target] = Self.mix(pool[target], hash(word)) }
    }
    self.pool = pool
  }

  /// The first words of the sequence (`generate_state`).
  func state(_ count: Int) -> [UInt32] {
    var hash = Hash(constant: 0x8B51_F9DD, factor: 0x58F3_8DED)
    return (0..<count).map { hash(pool[$0 % pool.count]) }
  }

  /// The words of a number, the lowest first: one for 0.
  private static func words(of number: UInt64) -> [UInt32] {
    let words = [UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32)]
    return words[1] == 0 ? [words[0]] : words
  }

  private static func mix(_ x: UInt32, _ y: UInt32) -> UInt32 {
    let mixed = 0xCA01_F9DD &* x &- 0x4973_F715 &* y
    return mixed ^ mixed >> 16
  }

  /// A hash whose constant changes with each word.
  private struct Hash {
    var constant: UInt32
    let factor: UInt32

    mutating func callAsFunction(_ word: UInt32) -> UInt32 {
      let word = word ^ constant
      constant &*= factor
      let hashed = word &* constant
      return hashed ^ hashed >> 16
    }
  }
}
