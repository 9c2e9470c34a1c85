import DiffusionCore

/// The ranges of numeric options that are not settings. The upper bounds keep a typing error from asking for more
/// memory than any machine has; none of them is a limit of the engine.
enum OptionRange {
  /// The limit for commands that release a step's tensors after reporting on them; the explorer, which keeps them all,
  /// has `State.maximumImages`.
  static let maximumBatchSize = SettingLimits().images
  static let maximumCalls = 1_000_000
  static let maximumRepeats = 1_000_000
  /// The most elements of a tensor for `randn`: 1 GiB in float32.
  static let maximumElements = 1 << 28

  /// Returns the value if it lies in the range; NaN does not.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option and the range.
  static func check<Value: Comparable>(_ value: Value, in range: ClosedRange<Value>, option: String) throws -> Value {
    guard range.contains(value) else {
      throw DiffusionError(
        .usage, "\(option): \(value) is out of range: expected \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
