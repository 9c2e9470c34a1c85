/// How many elements of two tensors lie so many representable numbers apart.
package struct ULPHistogramBin: Sendable, Equatable {
  /// The distance: `0`, `1`, `2-3`, `4-7` ...
  package let label: String
  /// How many elements.
  package let count: Int

  package init(_ label: String, _ count: Int) {
    self.label = label
    self.count = count
  }
}
