import DiffusionCore

/// The ranges of numeric options. The upper bounds keep a slip of the finger from asking for more memory or threads than
/// any machine has; none of them is a limit of the engine.
enum OptionRange {
  static let maximumSteps = RunSettings.maximumSteps
  static let maximumThreads = 1024
  static let maximumMultiprocessors = 4096
  static let maximumBatchSize = 4096
  static let maximumCalls = 1_000_000
  static let maximumRepeats = 1_000_000
  /// Elements of a tensor that `randn` draws: 1 GiB in float32.
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
