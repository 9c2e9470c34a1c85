/// A Brownian motion, of which any increment can be asked for in any order, as `torchsde.BrownianInterval` 0.2.6 with
/// `halfway_tree`, a tolerance of 1e-6 and pools of 24 words, which Diffusers' `BatchedBrownianTree` makes (Li et al.
/// 2020, arXiv 2001.01328, "virtual Brownian tree").
///
/// Times are multiples of 1e-6. An interval is halved, and each half's increment follows from that of the whole and
/// from normals of a generator of its own, whose seed follows from the interval's place in the tree: so the motion
/// depends on the seed alone.
package struct BrownianTree: Sendable {
  /// The interval of the motion.
  package let start, end: Double
  /// The shape of an increment.
  package let shape: [Int]
  private let seed: UInt64
  private let device: Generator.Device
  /// The deviation of the whole increment.
  private let deviation: Float

  private static let poolSize = 24

  /// Creates a motion.
  ///
  /// - Parameters:
  ///   - start: Where it begins.
  ///   - end: Where it ends, not before `start`.
  ///   - shape: The shape of an increment.
  ///   - seed: Where all of it follows from.
  ///   - device: Whose normals are drawn.
  package init(from start: Double, to end: Double, shape: [Int], seed: UInt64, device: Generator.Device) {
    (self.start, self.end) = (Self.rounded(start), Self.rounded(end))
    (self.shape, self.seed, self.device) = (shape, seed, device)
    deviation = Float((end - start).squareRoot())
  }

  /// The increment between two times, in binary32 and in the shape's order.
  ///
  /// - Parameters:
  ///   - from: The earlier time; one before the start is the start.
  ///   - to: The later time; one behind the end is the end.
  /// - Throws: ``DiffusionError`` (`usage`) for different times that are less than 1e-6 apart or no numbers.
  package func increment(from: Double, to: Double) throws -> [Float] {
    func clamped(_ time: Double) -> Double { min(end, max(start, time)) }
    let (from, to) = (clamped(from), clamped(to))
    if from == to { return [Float](repeating: 0, count: shape.reduce(1, *)) }
    let query = (from: Self.rounded(from), to: Self.rounded(to))
    guard query.from < query.to, end.isFinite else {
      throw DiffusionError(
        .usage,
        "noise of a step from sigma \(to) to \(from): expected finite ones at least 1e-6 apart; ask for fewer steps")
    }
    let whole = try normals(SeedSequence(entropy: seed, poolSize: Self.poolSize)).map { $0 * deviation }
    var sum: [Float]?
    try add(Node(start: start, end: end), whole, query, to: &sum)
    return sum ?? []
  }

  /// An interval of the tree, by its place: the turns from the top, right is 1, and their number.
  private struct Node {
    let start, end: Double
    var turns: UInt64 = 0
    var depth: UInt64 = 0

    var middle: Double { BrownianTree.rounded(0.5 * (end + start)) }

    func child(_ start: Double, _ end: Double, isLeft: Bool) -> Node {
      Node(start: start, end: end, turns: 2 &* turns &+ (isLeft ? 0 : 1), depth: depth + 1)
    }
  }

  /// Adds the increments of the largest intervals that make up a time span within a node, from early to late.
  private func add(
    _ node: Node, _ increment: [Float], _ span: (from: Double, to: Double), to sum: inout [Float]?
  ) throws {
    guard span.from > node.start || span.to < node.end else {
      sum = sum.map { zip($0, increment).map { $0 + $1 } } ?? increment
      return
    }
    let middle = node.middle
    guard node.start < middle, middle < node.end else {
      throw DiffusionError(
        .usage, "noise of a step at sigma \(node.start): expected one small enough for steps of 1e-6")
    }
    let before = middle - node.start, behind = node.end - middle, reciprocal = 1 / (node.end - node.start)
    let share = Float(before), scale = Float(reciprocal)
    let deviation = Float((before * behind * reciprocal).squareRoot())
    let drawn = try normals(SeedSequence(entropy: seed, key: [node.turns, node.depth], poolSize: Self.poolSize))
    let left = zip(increment, drawn).map { share * $0 * scale + deviation * $1 }
    if span.from < middle {
      let child = node.child(node.start, middle, isLeft: true)
      try add(child, left, (span.from, min(span.to, middle)), to: &sum)
    }
    guard span.to > middle else { return }
    let right = zip(increment, left).map { $0 - $1 }
    try add(node.child(middle, node.end, isLeft: false), right, (max(span.from, middle), span.to), to: &sum)
  }

  /// Normals of the generator that the first word of a sequence seeds.
  private func normals(_ sequence: SeedSequence) throws -> [Float] {
    var state = RandomState(device: device, seed: UInt64(sequence.state(1)[0]))
    return try state.normals(count: shape.reduce(1, *), contiguous: true)
  }

  /// The nearest multiple of 1e-6, the even one of two, as Python's `round(time, 6)`.
  static func rounded(_ time: Double) -> Double {
    // Beyond 2^33 neighbours are farther apart than 1e-6.
    guard time.magnitude < 0x1p33, time != 0 else { return time }
    let shift = 52 - Int(time.exponent)
    guard shift > 0 else { return time }
    // Below 2^-27 all is 0.
    guard shift < 80 else { return 0 }
    let product = UInt128(time.significandBitPattern | 1 << 52) * 1_000_000
    let (whole, rest, half) = (product >> shift, product & ((1 << shift) - 1), UInt128(1) << (shift - 1))
    let isUp = rest > half || (rest == half && whole & 1 == 1)
    let magnitude = Double(UInt64(whole) + (isUp ? 1 : 0)) / 1e6
    return time < 0 ? -magnitude : magnitude
  }
}
