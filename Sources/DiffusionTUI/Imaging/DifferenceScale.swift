/// The difference at which the colours of a difference picture end: a power of ten from 1 down to 1e-7, so that pictures can be
/// compared, and that a key can step through them.
package struct DifferenceScale: Sendable, Hashable, CaseIterable {
  /// The power of ten, 0 to -7.
  package let exponent: Int

  /// - Parameter exponent: Brought into 0 to -7.
  package init(exponent: Int = 0) { self.exponent = max(-7, min(0, exponent)) }

  /// Every scale, the coarsest first.
  package static var allCases: [DifferenceScale] { (0...7).map { DifferenceScale(exponent: -$0) } }

  /// The difference that gets the last colour.
  package var limit: Double { [1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6, 1e-7][-exponent] }

  /// Ten times finer; the finest stays.
  package var finer: DifferenceScale { DifferenceScale(exponent: exponent - 1) }
  /// Ten times coarser; the coarsest stays.
  package var coarser: DifferenceScale { DifferenceScale(exponent: exponent + 1) }

  /// `1`, `0.1`, `1e-2` ... `1e-7`.
  package var label: String { exponent == 0 ? "1" : exponent == -1 ? "0.1" : "1e\(exponent)" }
}
