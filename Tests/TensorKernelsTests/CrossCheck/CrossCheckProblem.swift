import CTensorKernels
import TensorKernels
import TestSupport
import Testing

/// A line of `Tests/CrossCheck/problems.txt`: a problem whose inputs follow from a seed, and the hash of its output.
/// `driver.c` there reads the same lines and computes the same inputs.
struct CrossCheckProblem: Sendable, CustomTestStringConvertible {
  enum Kind: String, Sendable {
    case convolution
    case groupNorm = "group_norm"
    case layerNorm = "layer_norm"
    case activation
    case attention
    case crossAttention = "cross_attention"
    case resample
    case modulation

    /// The number of numbers that describe a problem.
    var count: Int {
      switch self {
      case .convolution: 12
      case .groupNorm, .crossAttention, .resample: 6
      case .layerNorm: 2
      case .activation, .attention, .modulation: 4
      }
    }
  }

  let kind: Kind
  let seed: Int
  /// How many of 4096 elements are infinite, NaN, denormal or the largest finite value.
  let rare: Int
  let numbers: [Int]
  /// The committed hash; empty if there is none yet.
  let hash: String

  /// Parses a line; nil if it is a comment or invalid.
  init?(_ line: Substring) {
    let words = line.split(separator: " ")
    guard let first = words.first, let kind = Kind(rawValue: String(first)) else { return nil }
    let numbers = words.dropFirst().prefix(kind.count + 2).compactMap { Int($0) }
    guard numbers.count == kind.count + 2 else { return nil }
    (self.kind, seed, rare, self.numbers) = (kind, numbers[0], numbers[1], Array(numbers[2...]))
    hash = words.count == kind.count + 4 ? String(words[kind.count + 3]) : ""
  }

  var testDescription: String { line(hash: "") }

  /// The line with a hash.
  func line(hash: String) -> String {
    ([kind.rawValue] + ([seed, rare] + numbers).map(String.init) + (hash.isEmpty ? [] : [hash])).joined(separator: " ")
  }

  /// FNV-1a, 64 bits, over the bits of the elements, least significant byte first.
  static func hash(_ output: [UInt32]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for bits in output {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        hash = (hash ^ UInt64(bits >> shift & 255)) &* 0x100_0000_01B3
      }
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
