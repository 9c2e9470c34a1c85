/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): the counter-based generator
/// behind PyTorch's CUDA random numbers.
package struct Philox4x32: Sendable, Equatable {
  /// The key.
  package let key: SIMD2<UInt32>

  /// Creates a generator with a key.
  package init(key: SIMD2<UInt32>) { self.key = key }

  /// Creates a generator whose key is a 64-bit seed, low half first.
  package init(seed: UInt64) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
  }

  /// The four words of a counter.
  package func words(counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var (a, b, c, d) = (counter[0], counter[1], counter[2], counter[3])
    var (low, high) = (key[0], key[1])
    for _ in 0..<10 {
      let first = UInt64(0xD251_1F53) * UInt64(a)
      let second = UInt64(0xCD9E_8D57) * UInt64(c)
      a = UInt32(truncatingIfNeeded: second >> 32) ^ b ^ low
      c = UInt32(truncatingIfNeeded: first >> 32) ^ d ^ high
      b = UInt32(truncatingIfNeeded: second)
      d = UInt32(truncatingIfNeeded: first)
      low &+= 0x9E37_79B9
      high &+= 0xBB67_AE85
    }
    return SIMD4(a, b, c, d)
  }

  /// The four words that a CUDA thread draws as its `block`-th (cuRAND's `curand_init` with the thread as subsequence).
  package func words(block: UInt64, thread: UInt64) -> SIMD4<UInt32> {
    words(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
        UInt32(truncatingIfNeeded: thread), UInt32(truncatingIfNeeded: thread >> 32)))
  }
}
