import DiffusionCore
import DiffusionTUI

/// The results of a sweep, a row for each cell: its settings along the axes, the hash of its images, and statistics.
///
/// Nothing in it depends on who computed a cell, or on when: the same sweep gives the same bytes.
struct SweepTable: Sendable {
  /// The row of a cell.
  struct Row: Encodable, Sendable {
    let cell: Int
    /// The values along the axes, by their keys.
    let settings: [String: SettingValue]
    /// `[batch, height, width, channels]`.
    let shape: [Int]
    /// Of all images of the cell.
    let sha256: String
    let absSum: Double
    /// Of the last sample.
    let mean, std, min, max: Double?

    private enum CodingKeys: String, CodingKey {
      case cell, settings, shape, sha256, mean, std, min, max
      case absSum = "abs_sum"
    }
  }

  /// The table in JSON.
  private struct Document: Encodable {
    let kind = "diffusion-tui sweep table"
    let format = 1
    let constants: [String: SettingValue]
    let axes: [[String]]
    let cells: [Row]
  }

  private let plan: SweepPlan
  private var rows: [Row] = []

  /// Creates an empty table of a plan.
  init(_ plan: SweepPlan) { self.plan = plan }

  /// Appends a cell.
  mutating func append(_ cell: Int, _ receipt: Receipt) {
    let places = plan.places(of: cell), last = receipt.result.steps.last?.prevSample
    let values = zip(plan.axes, places).flatMap { $0.entries(at: $1) }
    rows.append(
      Row(
        cell: cell, settings: Dictionary(values.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
        shape: receipt.result.images.shape, sha256: receipt.result.images.sha256,
        absSum: receipt.result.images.absoluteSum, mean: last?.mean, std: last?.std, min: last?.min, max: last?.max))
  }

  /// The table as CSV by RFC 4180, with the keys of the axes as columns.
  var csv: String {
    let keys = plan.axes.flatMap(\.keys)
    let heading = ["cell"] + keys + ["images", "height", "width", "sha256", "abs_sum", "mean", "std", "min", "max"]
    let lines = rows.map { row in
      ["\(row.cell)"] + keys.map { (row.settings[$0] ?? .null).text }
        + (0..<3).map { row.shape.indices.contains($0) ? "\(row.shape[$0])" : "" }
        + [row.sha256, "\(row.absSum)"] + [row.mean, row.std, row.min, row.max].map { $0.map { "\($0)" } ?? "" }
    }
    return CSVText.lines([heading] + lines)
  }

  /// The table as JSON.
  func json() throws -> PrintedText {
    try JSONReport.text(Document(constants: plan.constants, axes: plan.axes.map(\.keys), cells: rows))
  }
}
