import DiffusionCore

/// A range of consecutive seeds, as in `gallery 0-63`.
public struct SeedRange: Sendable, Hashable {
  /// The first seed.
  public let first: Seed
  /// The number of seeds, at least 1.
  public let count: Int

  /// The maximum number of seeds.
  public static let maximumCount = 1024
  /// The number of seeds where only the first one is given.
  package static let usualCount = 64
  /// The expected input.
  package static let hint = "the first seed and the last, such as 0-63 or 100 200; at most \(maximumCount) seeds"

  /// Creates a range from a first seed and a count, limited to ``maximumCount`` and to the last possible seed.
  package init(first: Seed, count: Int = usualCount) {
    let left = Seed.range.upperBound - first.number + 1
    self.first = first
    self.count = max(1, min(Int(min(left, Int128(Self.maximumCount))), count))
  }

  /// Parses two seeds separated by a hyphen or a space, or the first of 64 seeds.
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

  /// Every seed of the range, in order.
  package var seeds: [Seed] {
    var seeds = [first]
    while seeds.count < count, let last = seeds.last { seeds.append(last.next) }
    return seeds
  }

  /// The index of a seed; nil if it is not in the range.
  package func index(of seed: Seed) -> Int? {
    let distance = seed.number - first.number
    return distance >= 0 && distance < Int128(count) ? Int(distance) : nil
  }

  /// The first and last seed, formatted for display.
  package var label: String {
    let last = first.number + Int128(count) - 1
    return count == 1 ? "seed \(first)" : "seeds \(first) to \(last)"
  }

  /// The text that ``init(parsing:)`` reads it from.
  package var text: String { "\(first) \(first.number + Int128(count) - 1)" }

  /// Splits a text into its numbers. A hyphen is a sign where a number may begin, and a separator after one has ended.
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
