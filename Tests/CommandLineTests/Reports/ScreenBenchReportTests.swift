import ArgumentParser
import CommandLineKit
import DiffusionTUI
import Foundation
import Testing

/// The report of `bench --tui`, from made-up times.
@Suite struct ScreenBenchReportTests {
  private func report(_ milliseconds: [Int], limitMs: Double) throws -> ScreenBenchReport {
    let measure = ScreenMeasure("to draw", times: milliseconds.map { .milliseconds($0) }, limitMs: limitMs)
    return ScreenBenchReport(
      model: "m", request: try BenchOptions.parse(["--threads", "2", "--tui"]).request(), columns: 200, rows: 60,
      measures: [measure])
  }

  @Test(arguments: [
    (Array(1...20), 19.0, true, 10.5, 19.0, 20.0), (Array(1...20), 18.0, false, 10.5, 19.0, 20.0),
    ([7], 7, true, 7, 7, 7), ([9, 1, 2], 8, false, 2, 9, 9),
  ])
  func aLimitIsMetByNineteenOfTwenty(
    times: [Int], limit: Double, isMet: Bool, median: Double, most: Double, worst: Double
  ) throws {
    let report = try report(times, limitMs: limit)
    let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json().text.utf8)) as? [String: Any])
    let measure = try #require((json["measures"] as? [[String: Any]])?.first)
    #expect(measure["median_ms"] as? Double == median)
    #expect(measure["p95_ms"] as? Double == most)
    #expect(measure["worst_ms"] as? Double == worst)
    #expect(measure["limit_ms"] as? Double == limit)
    #expect(measure["samples"] as? Int == times.count)
    #expect(measure["met"] as? Bool == isMet)
    #expect(json["met"] as? Bool == isMet)
    #expect(report.table.text.contains(isMet ? "  met\n" : "  missed\n"))
  }

  @Test func withoutATimeNoLimitIsMet() throws {
    #expect(try report([], limitMs: 1).table.text.contains("missed"))
  }

  /// Independent of times: it measures through a terminal of its own, and leaves ours alone.
  @Test func theProgramMeasuresItsScreen() throws {
    let report = try Program.report(["bench", "--tui", "--json"])
    let measures = try #require(report["measures"] as? [[String: Any]])
    #expect(measures.map { $0["limit_ms"] as? Double } == [5, 20, 45, 16, 100, 100])
    for measure in measures {
      #expect(try #require(measure["samples"] as? Int) >= 40)
      #expect(try #require(measure["median_ms"] as? Double) > 0)
    }
  }
}
