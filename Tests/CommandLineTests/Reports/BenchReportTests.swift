import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

/// The report of `bench`, from made-up times.
@Suite struct BenchReportTests {
  private func timing(_ name: String, _ kind: LayerWork.Kind, seconds: Double) -> LayerTiming {
    let work = LayerWork(
      name: name, kind: kind, algorithm: kind == .convolution ? "direct" : nil, outputShape: [1, 4, 8, 16],
      flops: 3_000_000, bytes: 2_000_000)
    return LayerTiming(work: work, seconds: seconds)
  }

  private func benchReport(_ seconds: [Double], device: String = "cpu") throws -> BenchReport {
    let layers = [
      timing("a", .linear, seconds: 0.004), timing("b", .convolution, seconds: 0.002),
      timing("c", .convolution, seconds: 0.004),
    ]
    let peaks = [1, 2].map { threads in
      MachinePeak(isa: "avx2", threads: threads, flopsPerSecond: 1e9 * Double(threads), bytesPerSecond: 1e9)
    }
    return BenchReport(
      model: "m", request: try BenchOptions.parse(["--threads", "2", "--device", device]).request(),
      inputShape: [1, 3, 32, 32], loadSeconds: 0.5, forwards: seconds,
      profile: ForwardTiming(seconds: 0.017, layers: layers), peakMemory: 3_500_000, peaks: peaks)
  }

  private func report(_ seconds: [Double]) throws -> [String: Any] {
    let json = try benchReport(seconds).json().text
    return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
  }

  @Test(arguments: [
    ([0.016], 16.0, 16.0), ([0.064, 0.016], 16, 40), ([0.064, 0.016, 0.032], 16, 32),
    ([0.064, 0.016, 0.032, 0.128], 16, 48),
  ])
  func minimumAndMedian(seconds: [Double], minimum: Double, median: Double) throws {
    let times = try #require(report(seconds)["forward_ms"] as? [String: Double])
    #expect(abs(try #require(times["min"]) - minimum) < 1e-9)
    #expect(abs(try #require(times["median"]) - median) < 1e-9)
  }

  @Test func aDemonstrationIsNamed() throws {
    let report = try benchReport([0.064], device: "cpu:reassociated")
    #expect(report.table.text.contains("cpu:reassociated (demonstration), "))
    #expect(try report.json().text.contains("\"demonstration\""))
    #expect(try !benchReport([0.064]).json().text.contains("demonstration"))
  }

  @Test func layersAreThoseOfTheProfile() throws {
    let report = try report([0.064, 0.016])
    #expect(report["profile_ms"] as? Double == 17)
    let layers = try #require(report["layers"] as? [[String: Any]])
    #expect(layers.map { $0["name"] as? String } == ["a", "b", "c"])
    #expect(layers.map { $0["ms"] as? Double } == [4, 2, 4])
    #expect(layers[0]["gflops"] as? Double == 0.75)
    #expect(layers[0]["gb_per_s"] as? Double == 0.5)
    // Two threads have a peak of 2 GFLOP/s.
    #expect(layers[0]["share_of_peak"] as? Double == 0.375)
    #expect(layers[0]["share_of_bandwidth"] as? Double == 0.5)
    #expect(layers[0]["algorithm"] is NSNull)
    #expect(layers[1]["algorithm"] as? String == "direct")
  }

  @Test func kindsAreTogetherAndTheLongestComesFirst() throws {
    let kinds = try #require(report([0.016])["kinds"] as? [[String: Any]])
    #expect(kinds.map { $0["kind"] as? String } == ["conv 3x3", "linear"])
    #expect(kinds.map { $0["size"] as? String } == ["8x16", nil])
    #expect(kinds.map { $0["count"] as? Int } == [2, 1])
    #expect(kinds.map { $0["ms"] as? Double } == [6, 4])
    #expect(kinds.map { $0["flops"] as? Int } == [6_000_000, 3_000_000])
    #expect(kinds.map { $0["gflops"] as? Double } == [1, 0.75])
  }

  @Test func theNotesFitATerminal() throws {
    let notes = try #require(benchReport([0.016]).table.text.split(separator: "\n\n").last)
    #expect(notes.hasPrefix("Layers are those of the shortest of 10 more passes"))
    #expect(notes.split(separator: "\n").map(\.count).max() ?? 0 < 80)
  }

  @Test func memoryAndLoading() throws {
    let report = try report([0.016])
    #expect(report["peak_memory_mb"] as? Double == 3.5)
    #expect(report["load_ms"] as? Double == 500)
    #expect(report["flops"] as? Int == 9_000_000)
  }
}
