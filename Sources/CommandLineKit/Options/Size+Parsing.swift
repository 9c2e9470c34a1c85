import DiffusionCore
import DiffusionTUI

extension Size {
  /// Parses columns and rows: `120x40`, each 1 to 1000.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for anything else.
  public init(parsing text: String) throws {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let columns = parts[0], let rows = parts[1], (1...1000).contains(columns),
      (1...1000).contains(rows)
    else {
      throw DiffusionError(
        .usage, "--size: '\(text)' is not a size: expected WxH with 1 to 1000 columns and rows, such as 120x40")
    }
    self.init(columns: columns, rows: rows)
  }
}
