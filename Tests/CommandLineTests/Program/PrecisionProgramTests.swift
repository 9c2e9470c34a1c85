import CommandLineKit
import Foundation
import Testing

/// `generate --precision-report` of the built program.
@Suite struct PrecisionProgramTests {
  private static let run = ["generate", "--precision-report", "--seed", "0", "--steps", "2"]

  @Test func theTableHasALineForEachStepAndNamesLayers() throws {
    let result = try Program.run(Self.run)
    #expect(result.status == 0 && result.error.isEmpty)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.allSatisfy { $0.count <= 80 })
    let heading = " step  timestep   bfloat16   equal    float16   equal   reassoc.   equal"
    let start = try #require(lines.firstIndex(of: heading))
    // The demo model's file holds float16, so that rounding to it changes nothing.
    #expect(lines[start + 1].hasPrefix("    0       999  ") && lines[start + 1].contains("          0    100%"))
    #expect(lines[start + 2].hasPrefix("    1       499  "))
    #expect(lines.contains { $0.hasPrefix("float16 ") && $0.contains("never") && $0.contains("100%") })
    #expect(lines.contains { $0.hasPrefix("bfloat16 ") && $0.contains("step 0") && $0.hasSuffix(" dB") })
    #expect(lines.contains { $0.hasPrefix("reassociated ") && $0.hasSuffix("x") })
  }

  @Test func theJSONHasEveryFigure() throws {
    let report = try Program.report(Self.run + ["--json"])
    #expect(Set(report.keys) == ["engine", "model", "settings", "variants"])
    let variants = try #require(report["variants"] as? [[String: Any]])
    #expect(variants.map { $0["name"] as? String } == ["bfloat16", "float16", "reassociated"])
    #expect(variants.map { $0["differs_at"] as? Int } == [0, nil, 0])
    for variant in variants {
      let steps = try #require(variant["steps"] as? [[String: Any]])
      #expect(steps.map { $0["timestep"] as? Int } == [999, 499])
      for tensor in ["sample", "model_output"] {
        let distance = try #require(steps[1][tensor] as? [String: Any])
        #expect(
          Set(distance.keys) == [
            "equal_bits", "equal_elements", "max_abs_diff", "nan_pairs", "psnr", "rmse", "ulp_histogram",
          ])
      }
      let layers = try #require(variant["layers"] as? [[String: Any]])
      #expect(layers.last?["layer"] as? String == "conv_out" && layers.count > 50)
    }
  }

  @Test(
    arguments: [
      (["--output", "x.png"], "--precision-report: a precision report writes no files"),
      (["--receipt", "x.json"], "--precision-report: a precision report writes no files"),
      (["--weights", "float16"], "weights is float16: a precision report rounds weights itself"),
      (["--device", "cpu:reassociated"], "device is cpu:reassociated: a precision report starts from exact sums"),
    ])
  func isRefusedBesides(arguments: [String], message: String) throws {
    let result = try Program.run(Self.run + arguments)
    #expect(result.status == 64 && result.output.isEmpty && result.error.contains(message))
  }
}
