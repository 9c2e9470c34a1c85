import DiffusionCore

/// Seeds in a row, as `gallery 0-63` names them.
public struct SeedRange: Sendable, Hashable {
  /// The first of them.
  public let first: Seed
  /// How many there are, from 1.
  public let count: Int

  /// How many there are at most.
  public static let maximumCount = 1024
  /// How many there are where only the first one is named.
  package static let usualCount = 64
  /// What may be typed.
  package static let hint = "the first seed and the last, such as 0-63 or 100 200; at most \(maximumCount) seeds"

  /// So many seeds from one on; as many as there are before the last seed of all, and ``maximumCount`` at most.
  package init(first: Seed, count: Int = usualCount) {
    let left = Seed.range.upperBound - first.number + 1
    self.first = first
    self.count = max(1, min(Int(min(left, Int128(Self.maximumCount))), count))
  }

  /// Reads two seeds with a hyphen or a space between them, or the first of 64 seeds.
  ///
  /// - Throws: `DiffusionError` (`usage`): one line that says what was expected.
  public init(parsing text: String) throws {
    let ends = try Self.ends(of: text).map { try Seed(parsing: $0) }
    guard let first = ends.first, let last = ends.last else { throw Self.error(text) }
    guard ends.count > 1 else {
      self.init(first: first)
      return
    }
    let count = last.number - first.number + 1
    guard count >= 1 else {
      throw DiffusionError(
        .usage, "gallery '\(text)' ends before it begins: expected the first seed and then the last, such as 0-63")
    }
    guard count <= Int128(Self.maximumCount) else {
      throw DiffusionError(
        .usage, "gallery '\(text)' has \(count) seeds: expected at most \(Self.maximumCount), such as 0-63")
    }
    self.init(first: first, count: Int(count))
  }

  /// Every one of them, in order.
  package var seeds: [Seed] {
    var seeds = [first]
    while seeds.count < count, let last = seeds.last { seeds.append(last.next) }
    return seeds
  }

  /// Where one is among them; nil for others.
  package func index(of seed: Seed) -> Int? {
    let distance = seed.number - first.number
    return distance >= 0 && distance < Int128(count) ? Int(distance) : nil
  }

  /// Both ends, as people read them.
  package var label: String {
    let last = first.number + Int128(count) - 1
    return count == 1 ? "seed \(first)" : "seeds \(first) to \(last)"
  }

  /// The numbers, as text. A hyphen is a sign where a number may begin, and stands between two where one has ended.
  private static func ends(of text: String) throws -> [String] {
    var ends: [String] = [""]
    for character in text {
      let isOpen = ends.last?.isEmpty ?? true
      if character == " ", ends.count > 1, ends.last == "-" {
        ends[ends.count - 1] = ""
      } else if character == " " || (character == "-" && !isOpen && ends.last != "-") {
        if !isOpen { ends.append("") }
      } else {
        ends[ends.count - 1].append(character)
      }
    }
    if ends.count > 1, ends.last?.isEmpty == true { ends.removeLast() }
    guard (1...2).contains(ends.count), ends.first?.isEmpty == false else { throw error(text) }
    return ends
  }

  private static func error(_ text: String) -> DiffusionError {
    DiffusionError(.usage, "gallery '\(text)' is no range of seeds: expected \(hint)")
  }
}
