import DiffusionCore
import DiffusionTUI

/// The response times of the screen, as `bench --tui` prints them.
public struct ScreenBenchReport: Encodable, Sendable, Equatable {
  /// The size of the screen, in cells.
  struct Extent: Encodable, Sendable, Equatable {
    let columns, rows: Int
  }

  let model: String
  let engine: EngineReport
  let device: String
  let screen: Extent
  let measures: [ScreenMeasure]
  /// Whether every limit was met.
  let met: Bool

  /// Creates a report from measurements.
  package init(model: String, request: BenchRequest, columns: Int, rows: Int, measures: [ScreenMeasure]) {
    self.model = model
    device = request.device.description
    engine = EngineReport(
      version: ProgramVersion.current, device: request.device, threads: request.threads)
    screen = Extent(columns: columns, rows: rows)
    self.measures = measures
    met = measures.allSatisfy(\.met)
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// The report as a table.
  public var table: PrintedText {
    var table = TextTable([
      ("a screen of \(screen.columns)x\(screen.rows)", .left), ("samples", .right), ("median ms", .right),
      ("95% ms", .right), ("worst ms", .right), ("limit ms", .right), ("", .left),
    ])
    for measure in measures {
      let times = [measure.medianMs, measure.percentile95Ms, measure.worstMs, measure.limitMs].map {
        FixedDecimal.text($0, digits: 2)
      }
      table.append([measure.name, "\(measure.samples)"] + times + [measure.met ? "met" : "missed"])
    }
    return "\(model) on \(engine.text(device: device))\n\n\(table.text)\(Self.notes)"
  }

  private static let notes: PrintedText = """

    A limit is met where 19 of 20 samples are within it. The pseudo-terminal is read by a thread of this program, \
    which has
    to share the processors with what is measured.

    """
}

/// The response time of an action at the screen, and its limit.
package struct ScreenMeasure: Encodable, Sendable, Equatable {
  /// The action measured.
  let name: String
  /// The number of measurements.
  let samples: Int
  /// The median, the 95th percentile and the maximum, in milliseconds.
  let medianMs, percentile95Ms, worstMs: Double
  /// The limit, in milliseconds.
  let limitMs: Double
  /// Whether 19 of 20 took no longer: a momentary load of the machine should not count.
  let met: Bool

  private enum CodingKeys: String, CodingKey {
    case name, samples, met
    case medianMs = "median_ms"
    case percentile95Ms = "p95_ms"
    case worstMs = "worst_ms"
    case limitMs = "limit_ms"
  }

  /// Creates a measure; an empty list of times meets no limit.
  package init(_ name: String, times: [Duration], limitMs: Double) {
    let sorted = times.map { $0 / .milliseconds(1) }.sorted()
    self.name = name
    self.limitMs = limitMs
    samples = sorted.count
    medianMs = Median.of(sorted)
    worstMs = sorted.last ?? .nan
    percentile95Ms = sorted.isEmpty ? .nan : sorted[(19 * samples + 19) / 20 - 1]
    met = percentile95Ms <= limitMs
  }
}
