/// MT19937 (Matsumoto and Nishimura, 1998), the engine behind PyTorch's CPU random numbers.
///
/// It keeps the number of words left and the position among them separately, as `at::mt19937`
/// (`ATen/core/MT19937RNGEngine.h`) does, so that its state can be written in PyTorch's own bytes.
public struct MersenneTwister: Sendable, Equatable {
  /// The number of words in the state.
  package static let wordCount = 624
  private static let middle = 397

  /// The 64-bit seed; only its low 32 bits reach the words.
  package let seed: UInt64
  /// The number of words until the next twist, plus one: 1...624.
  package private(set) var left: Int
  /// The index of the next word: 0...624.
  package private(set) var position: Int
  /// The words of the state.
  package private(set) var words: [UInt32]

  /// Seeds the state with the low 32 bits of a seed.
  public init(seed: UInt64) {
    self.seed = seed
    left = 1
    position = 0
    words = [UInt32(truncatingIfNeeded: seed)]
    words.reserveCapacity(Self.wordCount)
    var word = words[0]
    for index in 1..<UInt32(Self.wordCount) {
      word = 1_812_433_253 &* (word ^ (word >> 30)) &+ index
      words.append(word)
    }
  }

  /// Restores a saved state; nil if it would read outside its words.
  package init?(seed: UInt64, left: Int, position: Int, words: [UInt32]) {
    guard words.count == Self.wordCount, (1...Self.wordCount).contains(left), position >= 0,
      position + left - 1 <= Self.wordCount
    else { return nil }
    self.seed = seed
    self.left = left
    self.position = position
    self.words = words
  }

  /// Draws 32 bits.
  public mutating func next() -> UInt32 {
    left -= 1
    if left == 0 { twist() }
    var word = words[position]
    position += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9D2C_5680
    word ^= (word << 15) & 0xEFC6_0000
    return word ^ (word >> 18)
  }

  /// Draws 64 bits: the first word is the high half (`CPUGeneratorImpl::random64`).
  public mutating func next64() -> UInt64 {
    let high = UInt64(next())
    return high << 32 | UInt64(next())
  }

  /// A uniform of [0, 1): the low 24 bits of one word.
  package mutating func uniformFloat() -> Float { Float(next() & 0xFF_FFFF) * 0x1p-24 }

  /// A uniform of [0, 1): the low 53 bits of two words.
  package mutating func uniformDouble() -> Double { Double(next64() & 0x1F_FFFF_FFFF_FFFF) * 0x1p-53 }

  private mutating func twist() {
    left = Self.wordCount
    position = 0
    let count = Self.wordCount
    for index in 0..<(count - Self.middle) { mix(index, index + 1, index + Self.middle) }
    for index in (count - Self.middle)..<(count - 1) { mix(index, index + 1, index + Self.middle - count) }
    mix(count - 1, 0, Self.middle - 1)
  }

  private mutating func mix(_ index: Int, _ following: Int, _ distant: Int) {
    let mixed = (words[index] & 0x8000_0000) | (words[following] & 0x7FFF_FFFF)
    words[index] = words[distant] ^ (mixed >> 1) ^ (words[following] & 1 == 0 ? 0 : 0x9908_B0DF)
  }
}
