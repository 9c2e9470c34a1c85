/// What a pixel cannot say by its colour.
package enum PixelMark: UInt8, Sendable {
  /// Its colour says it all.
  case none
  /// A channel of it is NaN.
  case notANumber
  /// A channel of it is infinite, and none is NaN.
  case infinite

  /// The worst of some values.
  package init(_ values: Float...) {
    self = values.contains(where: \.isNaN) ? .notANumber : values.contains(where: \.isInfinite) ? .infinite : .none
  }
}
