/// Guesses which name was meant by an unknown one.
package enum NearestName {
  /// The nearest of some names by edit distance: the fewest letters inserted, removed or replaced (Levenshtein, 1966).
  /// Nil where none is within a third of the name's length.
  package static func of(_ name: String, among names: [String]) -> String? {
    let nearest = names.map { ($0, distance(Array(name), Array($0))) }.min { $0.1 < $1.1 }
    guard let nearest, nearest.1 <= max(1, name.count / 3) else { return nil }
    return nearest.0
  }

  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = diagonal + (letter == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
