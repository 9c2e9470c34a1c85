import DiffusionCore
import TOMLKit

extension TOMLTable {
  /// Reads a text.
  ///
  /// - Parameter file: What the file is called, for errors.
  /// - Throws: `DiffusionError` (`badData`) naming the file and the line where the TOML breaks.
  package convenience init(parsing text: String, file: String) throws {
    do {
      try self.init(string: text)
    } catch let problem as TOMLParseError {
      let reason = problem.description.split(separator: "\n").first ?? "not TOML"
      throw DiffusionError(.badData, "\(file): line \(problem.source.begin.line): \(reason)")
    }
  }
}
