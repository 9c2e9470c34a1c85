import DiffusionCore

/// What `verify` found, as it prints it.
public struct VerifyReport: Encodable, Sendable, Equatable {
  /// The receipt's path.
  let receipt: String
  let model: String
  let engine: EngineReport
  /// Whether everything is as the receipt says.
  public let equal: Bool
  /// How many steps were run, the one that differs included.
  let steps: Int
  /// The SHA-256 of the receipt's images.
  let sha256: String
  /// What one should know beside, another engine version for one.
  let notes: [String]
  /// What differs, in the order it was found: changes of the receipt, then the first thing in which the run is another.
  public let differences: [ReceiptDifference]

  /// The report as one JSON object.
  public func json() throws -> String { try JSONReport.text(self) }

  /// The report as lines.
  public var table: String {
    let lines = notes.map { "note: \($0)" } + differences.map { "differs: \($0.message)" }
    return (lines + (equal ? ["equal: \(steps) steps, final sha256 \(sha256)"] : [])).map {
      PlainText.withoutControls($0) + "\n"
    }.joined()
  }
}
