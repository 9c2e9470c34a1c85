import DiffusionTUI
import FoundationEssentials

/// Encodes reports as JSON.
package enum JSONReport {
  /// One object over several lines, keys in alphabetical order, ended by a line feed. Numbers have the fewest digits
  /// that read back as the same number; NaN and the infinities, which JSON lacks, are strings that Python's `float`
  /// accepts.
  package static func text(_ report: some Encodable) throws -> PrintedText {
    try text(report, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  /// The same on one line.
  package static func line(_ report: some Encodable) throws -> PrintedText {
    try text(report, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func text(
    _ report: some Encodable, _ formatting: JSONEncoder.OutputFormatting
  ) throws -> PrintedText {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return PrintedText(json: String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
  }
}
