/// Guesses which name was meant by an unknown one.
package enum NearestName {
  /// The nearest of some names by edit distance: the fewest letters inserted, removed, replaced, or exchanged with the
  /// next (Damerau, 1964); of equals, one that begins with it, or with its first letter. Where none is within a third
  /// of the name's length, the only one that begins with it, if it has three letters or more; otherwise nil. Short
  /// names must begin with the same letter: a tpu is no misspelt cpu.
  package static func of(_ name: String, among names: [String]) -> String? {
    let names = name.count > 3 ? names : names.filter { $0.first == name.first }
    // A distance is at least the difference in length, so a long text is compared with nothing.
    let length = name.count, limit = max(1, length / 3)
    let near = names.filter { abs($0.count - length) <= limit }.map { ($0, distance(Array(name), Array($0))) }
    if let least = near.map(\.1).min(), least <= limit {
      let nearest = near.filter { $0.1 == least }.map(\.0)
      return nearest.first { $0.hasPrefix(name) } ?? nearest.first { $0.first == name.first } ?? nearest.first
    }
    let longer = names.filter { $0.hasPrefix(name) }
    return name.count >= 3 && longer.count == 1 ? longer.first : nil
  }

  /// `did you mean dark? `, for the middle of an error; empty if no name is near.
  package static func question(_ name: String, among names: [String]) -> String {
    of(name, among: names).map { "did you mean \($0)? " } ?? ""
  }

  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var before: [Int] = [], last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var distances = [row + 1]
      for (column, other) in right.enumerated() {
        var distance = min(last[column] + (letter == other ? 0 : 1), last[column + 1] + 1, distances[column] + 1)
        if row > 0, column > 0, letter == right[column - 1], other == left[row - 1] {
          distance = min(distance, before[column - 1] + 1)
        }
        distances.append(distance)
      }
      (before, last) = (last, distances)
    }
    return last[right.count]
  }
}
