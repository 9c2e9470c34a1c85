/// Distributes rows among stacked parts: first the minimum of every part, by rank; then a blank row between parts; then
/// the remaining rows to parts that can grow, in turn.
package struct StackLayout {
  /// The rows that a part needs.
  package struct Part {
    package let minimum, maximum: Int
    /// The priority: the lowest rank is served first.
    package let rank: Int

    package init(minimum: Int, maximum: Int, rank: Int) {
      self.minimum = minimum
      self.maximum = max(minimum, maximum)
      self.rank = rank
    }
  }

  /// The first row and the number of rows of each part; nil for a part without room.
  package let places: [(row: Int, rows: Int)?]

  package init(_ parts: [Part], rows: Int) {
    var given = Array(repeating: 0, count: parts.count)
    var left = rows
    for index in parts.indices.sorted(by: { parts[$0].rank < parts[$1].rank }) where parts[index].minimum <= left {
      given[index] = parts[index].minimum
      left -= parts[index].minimum
    }
    let count = given.count { $0 > 0 }
    let gap = count > 1 && left >= count - 1 ? 1 : 0
    left -= gap * max(0, count - 1)
    var isGrowing = true
    while left > 0, isGrowing {
      isGrowing = false
      for index in parts.indices where left > 0 && given[index] > 0 && given[index] < parts[index].maximum {
        given[index] += 1
        left -= 1
        isGrowing = true
      }
    }
    var row = 0
    places = given.map { rows in
      guard rows > 0 else { return nil }
      defer { row += rows + gap }
      return (row, rows)
    }
  }
}
