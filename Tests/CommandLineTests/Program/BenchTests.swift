import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The built program measures its demo model. The tests do not depend on times, only on counts.
@Suite struct BenchTests {
  private func number(_ report: [String: Any], _ keys: String...) throws -> Double {
    let last = try #require(keys.last)
    let object = keys.dropLast().reduce(report) { $0[$1] as? [String: Any] ?? [:] }
    return try #require((object[last] as? NSNumber)?.doubleValue, "\(keys)")
  }

  private func objects(_ report: [String: Any], _ key: String) throws -> [[String: Any]] {
    try #require(report[key] as? [[String: Any]])
  }

  private func sum(_ objects: [[String: Any]], _ key: String) throws -> Double {
    try objects.reduce(0) { $0 + (try number($1, key)) }
  }

  @Test func jsonHoldsWhatWasMeasured() throws {
    let report = try Program.report(["bench", "--json", "--repeats", "3", "--threads", "2", "--batch-size", "2"])
    #expect(report["model"] as? String == "ddpm-emoji-32")
    #expect(report["isa"] as? String == Device.cpu.instructionSet)
    #expect(report["device"] as? String == "cpu")
    #expect(try number(report, "threads") == 2)
    #expect(try number(report, "batch_size") == 2)
    #expect(try number(report, "repeats") == 3)
    #expect(try number(report, "load_ms") > 0)
    #expect(try number(report, "peak_memory_mb") > 1)
    #expect(try number(report, "forward_ms", "min") <= number(report, "forward_ms", "median"))
    #expect(try objects(report, "machine").map { try number($0, "threads") } == [1, 2])
    #expect(try sum(objects(report, "machine"), "gflops") > 0)
    #expect(try sum(objects(report, "machine"), "gb_per_s") > 0)
  }

  @Test func whatIsDoubtfulIsSaidOnStandardError() throws {
    let folder = "\(Fixtures.folder)/stable-diffusion/sd1"
    let result = try Program.run(["bench", folder, "--json", "--repeats", "1"])
    #expect(result.status == 0)
    #expect(result.error.contains("warning: \(folder): the safety checker is not run (safety_checker)\n"))
  }

  @Test func layersAddUp() throws {
    let report = try Program.report(["bench", "--json", "--repeats", "2", "--batch-size", "3"])
    let layers = try objects(report, "layers"), kinds = try objects(report, "kinds")
    #expect(try sum(layers, "ms") <= number(report, "profile_ms"))
    #expect(try abs(sum(kinds, "ms") - sum(layers, "ms")) < 1e-6)
    #expect(try sum(layers, "flops") == number(report, "flops"))
    #expect(try sum(kinds, "flops") == number(report, "flops"))
    #expect(try sum(kinds, "bytes") == sum(layers, "bytes"))
    #expect(try Int(sum(kinds, "count")) == layers.count)
    for layer in layers {
      #expect(layer["name"] is String)
      #expect(layer["kind"] is String)
      #expect(try number(layer, "gflops") >= 0)
      #expect(try number(layer, "gb_per_s") >= 0)
      #expect(try number(layer, "share_of_peak") >= 0)
      #expect(try number(layer, "share_of_bandwidth") >= 0)
    }
  }

  @Test func itsWorkEqualsInspects() throws {
    let bench = try Program.report(["bench", "--json", "--repeats", "1", "--batch-size", "2"])
    let inspect = try Program.report(["inspect", "--json"])
    #expect(try number(bench, "flops") == 2 * number(inspect, "flops_per_step"))
    #expect(try objects(bench, "layers").count == objects(inspect, "layers").count)
  }

  @Test func theTableHasARowForEachKind() throws {
    let result = try Program.run(["bench", "--repeats", "1", "--threads", "1"])
    #expect(result.status == 0)
    #expect(result.error == "")
    let kinds = [
      "conv 3x3, 32x32, winograd 4x4", "conv 3x3 stride 2, direct", "conv 3x3 up, ", "conv 1x1", "linear", "group norm",
      "attention",
      "between layers",
    ]
    for kind in kinds { #expect(result.output.contains("\n\(kind)"), "\(kind) in \(result.output)") }
  }

  @Test func theDeviceIsTheOneRequested() throws {
    let named = try Program.report(["bench", "--json", "--repeats", "1", "--device", "cpu:portable"])
    #expect(named["isa"] as? String == "portable")
    #expect(named["device"] as? String == "cpu:portable")
    let chosen = try Program.report(
      ["bench", "--json", "--repeats", "1"], environment: [Device.instructionSetVariable: "portable"])
    #expect(chosen["isa"] as? String == "portable")
    #expect(chosen["device"] as? String == "cpu")
  }
}
