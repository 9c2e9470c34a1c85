/// How long one thing took that people wait for at the screen, and how long it may take.
package struct ScreenMeasure: Encodable, Sendable, Equatable {
  /// What was measured.
  let name: String
  /// How often.
  let samples: Int
  /// The middle one, the one that 19 of 20 do not exceed, and the longest, in milliseconds.
  let medianMs, percentile95Ms, worstMs: Double
  /// The most that it may take, in milliseconds.
  let limitMs: Double
  /// Whether 19 of 20 took no longer: a machine that does something else for a moment is not what is measured.
  let met: Bool

  private enum CodingKeys: String, CodingKey {
    case name, samples, met
    case medianMs = "median_ms"
    case percentile95Ms = "p95_ms"
    case worstMs = "worst_ms"
    case limitMs = "limit_ms"
  }

  /// Describes what was measured; no times at all meet no limit.
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
