import DiffusionCore

/// The shape of a tensor as given on the command line: `1,3,32,32`.
public struct TensorShape: Sendable, Equatable {
  /// The extents, each at least 1.
  public let extents: [Int]

  /// Parses extents separated by commas.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if one is not a whole number of at least 1, or their product is above 2^28.
  public init(parsing text: String) throws {
    extents = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let extent = Int(part), extent >= 1 else {
        throw DiffusionError(
          .usage,
          "--shape: '\(text)' is not a shape: expected whole numbers of at least 1 separated by commas, "
            + "such as 1,3,32,32")
      }
      return extent
    }
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= OptionRange.maximumElements else {
        throw DiffusionError(
          .usage, "--shape: '\(text)' has too many elements: expected at most \(OptionRange.maximumElements)")
      }
      count = product
    }
  }
}
