import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

@Suite struct GenerateJobTests {
  private func job(
    _ arguments: [String], lines: Lines = Lines(), check: @escaping @Sendable () throws -> Void = {}
  ) throws -> GenerateJob {
    GenerateJob(
      request: try GenerateOptions.parse(arguments).request(drawSeed: { 7 }), model: "scripted",
      engine: EngineReport(version: "1.2.3", isa: "none", threads: 1),
      progress: ProgressLine(isTerminal: true, write: lines.append), checkCancellation: check)
  }

  @Test func reportsEveryStep() throws {
    let report = try job([]).run(try ScriptedRun())
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json().text.utf8)) as? [String: Any])
    #expect(Set(json.keys) == ["abs_sum", "engine", "images", "model", "settings", "steps", "timesteps"])
    #expect(json["model"] as? String == "scripted")
    #expect(json["timesteps"] as? [Int] == [900, 600, 300])
    let steps = try #require(json["steps"] as? [[String: Any]])
    #expect(steps.map { $0["index"] as? Int } == [0, 1, 2])
    #expect(steps.map { $0["seconds"] as? Double } == [0.25, 0.25, 0.25])
    for key in ["sample", "model_output", "pred_original_sample"] {
      let statistics = try #require(steps[0][key] as? [String: Any])
      #expect(statistics["shape"] as? [Int] == [1, 3, 2, 2])
      for name in ["mean", "std", "min", "max", "abs_sum", "l2", "clipped"] { #expect(statistics[name] is Double) }
    }
    let settings = try #require(json["settings"] as? [String: Any])
    #expect(settings["seeds"] as? [Int] == [7])
  }

  @Test func theTableEndsWithTheSum() throws {
    let run = try ScriptedRun()
    let table = try job([]).run(run).table.text
    // Three halvings of the noise, then x / 2 + 0.5, all inside of [0, 1].
    let sum = run.initialNoise.scalars.reduce(0.0) { $0 + Double($1 / 8 / 2 + 0.5) }
    let line = try #require(table.split(separator: "\n").first { $0.hasPrefix("np.abs(image).sum()") })
    let printed = try #require(line.split(separator: " ").last.flatMap { Double($0) })
    #expect(abs(printed - sum) <= 5e-5)
    #expect(table.contains("seed       7\n"))
  }

  @Test func namesTheLayerWithANaN() throws {
    let layer = NonFiniteLayer(.layer("conv_in"), in: Tensor(unchecked: [1, 1, 1, 2], [0, .nan]))
    let report = try job([]).run(try ScriptedRun(nonFinite: layer))
    #expect(
      report.table.text.contains("step 1 is not finite: conv_in: nan at [0, 0, 0, 1]; 1 of 2 values are not finite\n"))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json().text.utf8)) as? [String: Any])
    let steps = try #require(json["steps"] as? [[String: Any]])
    #expect(steps.map { ($0["non_finite"] as? [String: Any])?["name"] as? String } == [nil, "conv_in", nil])
    #expect((steps[1]["non_finite"] as? [String: Any])?["value"] as? String == "nan")
    #expect(try !job([]).run(try ScriptedRun()).table.text.contains("not finite"))
  }

  @Test func keepsTheVariationAndTheWeights() throws {
    var run = try ScriptedRun()
    run.settings.variation = NoiseVariation(seed: -3, strength: 0.25)
    run.settings.weights = .bfloat16
    run.settings.batchSize = 4
    run.settings.selection = NoiseSelection(call: 2, image: 3)
    let report = try job([]).run(run)
    let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json().text.utf8)) as? [String: Any])
    let settings = try #require(json["settings"] as? [String: Any])
    #expect(settings["weights"] as? String == "bfloat16")
    #expect(settings["call"] as? Int == 2 && settings["image"] as? Int == 3)
    #expect((settings["variation"] as? [String: Any])?["seed"] as? Int == -3)
    #expect((settings["variation"] as? [String: Any])?["strength"] as? Double == 0.25)
    #expect(report.table.text.contains("call       2 of the generator\nimage      3 of 4\n"))
    #expect(report.table.text.contains("variation  seed -3, strength 0.25\n"))
    #expect(report.table.text.contains("weights    bfloat16\n"))
  }

  @Test func writesTheImagesAndTheTrace() throws {
    let folder = try TemporaryFolder()
    let run = try ScriptedRun(shape: [2, 3, 2, 2], steps: 2)
    try _ = job(["--output", folder.path + "/i.npy", "--trace", folder.path + "/t/"]).run(run)
    let names =
      ["initial_noise"] + ["model_output", "pred_original_sample", "sample"].flatMap { ["\($0)_0", "\($0)_1"] }
    let trace = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/t").sorted()
    #expect(try folder.contents == ["i.npy", "t"])
    #expect(trace == names.map { $0 + ".npy" })
    let noise = try NPYFile(folder.bytes("t/initial_noise.npy"))
    #expect(noise.floats == run.initialNoise.scalars)
    #expect(noise.header.contains("'shape': (2, 3, 2, 2)"))
    #expect(try NPYFile(folder.bytes("t/sample_1.npy")).floats == run.initialNoise.scalars.map { $0 / 2 })
    #expect(try NPYFile(folder.bytes("t/model_output_0.npy")).floats == run.initialNoise.scalars.map { -$0 })
    let images = try NPYFile(folder.bytes("i.npy"))
    #expect(images.header.contains("'shape': (2, 2, 2, 3)"))
    // The second value of a pixel is the second channel's, four values further on in NCHW.
    #expect(images.floats[1] == run.initialNoise.scalars[4] / 4 / 2 + 0.5)
  }

  @Test func aShorterTraceReplacesALongerOne() throws {
    let folder = try TemporaryFolder()
    for steps in [3, 1] { try _ = job(["--trace", folder.path + "/t"]).run(try ScriptedRun(steps: steps)) }
    let trace = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/t").sorted()
    #expect(trace == ["initial_noise.npy", "model_output_0.npy", "pred_original_sample_0.npy", "sample_0.npy"])
  }

  @Test func aFailureLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let failure = DiffusionError(.badData, "no")
    #expect(throws: failure) {
      try job(["--output", folder.path + "/i.npy", "--trace", folder.path + "/t"]).run(
        try ScriptedRun(failure: failure))
    }
    #expect(try folder.contents.isEmpty)
  }

  @Test func cancellingLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let lines = Lines()
    let cancelled = try job(
      ["--output", folder.path + "/i.png", "--trace", folder.path + "/t"], lines: lines,
      check: { if lines.all.count > 1 { throw CancellationError() } })
    #expect(throws: CancellationError.self) { try cancelled.run(try ScriptedRun()) }
    #expect(try folder.contents.isEmpty)
    #expect(lines.all.last == "\r\u{1B}[K")
  }

  @Test func progressIsOneLine() throws {
    let lines = Lines()
    _ = try job([], lines: lines).run(try ScriptedRun(steps: 2))
    #expect(
      lines.all == [
        "\rstep 0/2  0.0 s\u{1B}[K", "\rstep 1/2  0.2 s\u{1B}[K", "\rstep 2/2  0.5 s\u{1B}[K", "\r\u{1B}[K",
      ])
    #expect(lines.all.allSatisfy { !$0.contains("\n") })
  }

  @Test func noProgressWhereThereIsNoTerminal() {
    let lines = Lines()
    let line = ProgressLine(isTerminal: false, write: lines.append)
    line.show(completed: 1, total: 2, seconds: 1)
    line.clear()
    #expect(lines.all.isEmpty)
  }
}
