import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite struct GenerateJobTests {
  private func job(
    _ arguments: [String], lines: Lines = Lines(), write: @escaping @Sendable (PrintedText) throws -> Void = { _ in },
    check: @escaping @Sendable () throws -> Void = {}
  ) throws -> GenerateJob {
    let request = try GenerateOptions.parse(arguments).request(drawSeed: { 7 })
    return GenerateJob(
      request: request, model: "scripted", engine: EngineReport(version: "1.2.3", isa: "none", threads: 1),
      progress: ProgressLine(isTerminal: true, format: request.progress, write: lines.append), write: write,
      checkCancellation: check)
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
    let step = "step 1 (timestep \(try ScriptedRun().schedule[1].timestep.wholeText))"
    #expect(
      report.table.text.contains(
        "\(step) is not finite: conv_in: nan at [0, 0, 0, 1]; 1 of 2 values are not finite\n"))
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

  @Test func progressIsOneLineWithTheTimeLeft() throws {
    let lines = Lines()
    _ = try job(["--json"], lines: lines).run(try ScriptedRun(steps: 3))
    let shown = [
      "step 0/3  0.0 s", "step 1/3  0.2 s, 0.5 s left", "step 2/3  0.5 s, 0.2 s left", "step 3/3  0.8 s", "",
    ]
    #expect(lines.all.prefix(5) == shown.map { "\r\($0)\u{1B}[K" }[...])
    #expect(lines.all.allSatisfy { !$0.contains("\n") })
  }

  @Test(arguments: [(59.94, "59.9 s"), (59.96, "1 min 0 s"), (125.4, "2 min 5 s"), (5400, "1 h 30 min")])
  func longTimesAreInMinutes(seconds: Double, expected: String) throws {
    var progress = RunProgress(steps: 2)
    let sample = Tensor<Float>(unchecked: [1], [0])
    progress.append(
      DenoisingStep(
        index: 0, terms: UpdateTerms(timestep: 1, alphaCumprod: 0.5, sigma: 0), sample: sample, modelOutput: sample,
        predOriginalSample: sample, prevSample: sample, seconds: seconds))
    #expect(progress.text.text == "step 1/2  \(expected), \(expected) left")
  }

  @Test(arguments: [[], ["--json"]])
  func scriptsGetAnObjectForEachStep(format: [String]) throws {
    let lines = Lines()
    _ = try job(format + ["--progress", "json"], lines: lines).run(try ScriptedRun(steps: 2))
    #expect(
      lines.all == [
        #"{"seconds":0.25,"seconds_left":0.25,"step":1,"step_seconds":0.25,"steps":2,"timestep":900}"# + "\n",
        #"{"seconds":0.5,"seconds_left":0,"step":2,"step_seconds":0.25,"steps":2,"timestep":600}"# + "\n",
      ])
  }

  @Test func openingIsALineToo() {
    let lines = Lines(), opening = OpeningProgress(bytes: 0, totalBytes: 2_000_000)
    for format in GenerateRequest.Progress.allCases {
      ProgressLine(isTerminal: true, format: format, write: lines.append).show(opening)
    }
    ProgressLine(isTerminal: false, write: lines.append).show(opening)
    #expect(lines.all == ["\rreading and packing the weights: 0 of 2 MB\u{1B}[K"])
  }

  @Test func noProgressWhereNoneIsAskedFor() throws {
    let lines = Lines()
    _ = try job(["--progress", "none"], lines: lines).run(try ScriptedRun())
    #expect(lines.all.isEmpty)
  }

  /// What is written and the progress, in the order in which they come.
  @Test func linesComeAsTheStepsDo() throws {
    let lines = Lines()
    let report = try job([], lines: lines, write: { lines.append($0) }).run(try ScriptedRun(steps: 2))
    let isProgress = { (line: String) in line.hasPrefix("\r") }
    #expect(lines.all.filter { !isProgress($0) }.joined() == report.table.text)
    let order = lines.all.map { isProgress($0) ? String($0.dropFirst().prefix(8)) : "table" }
      .filter { $0.first != "\u{1B}" }
    #expect(order == ["table", "step 0/2", "table", "step 1/2", "table", "step 2/2", "table"])
  }

  @Test func jsonComesAtTheEnd() throws {
    let lines = Lines()
    let report = try job(["--json"], write: { lines.append($0) }).run(try ScriptedRun())
    #expect(try lines.all == [report.json().text])
  }

  @Test func aReaderThatLeavesEndsTheRun() throws {
    let lines = Lines()
    let write: @Sendable (PrintedText) throws -> Void = { line in
      lines.append(line)
      if lines.all.count > 1 { throw DescriptorStream.ReaderGone() }
    }
    #expect(throws: DescriptorStream.ReaderGone.self) { try job([], write: write).run(try ScriptedRun()) }
    #expect(lines.all.count == 2)
  }

  @Test func aReaderThatLeavesKeepsNoFileFromBeingWritten() throws {
    let folder = try TemporaryFolder()
    _ = try job(["--output", folder.path + "/i.npy"], write: { _ in throw DescriptorStream.ReaderGone() }).run(
      try ScriptedRun())
    #expect(try folder.contents == ["i.npy"])
  }

  @Test func everyImageOfABatchHasItsHashAndSum() throws {
    let report = try job([]).run(try ScriptedRun(shape: [3, 3, 2, 2]))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json().text.utf8)) as? [String: Any])
    let each = try #require((json["images"] as? [String: Any])?["each"] as? [[String: Any]])
    let noise = try ScriptedRun(shape: [3, 3, 2, 2]).initialNoise
    for (index, image) in each.enumerated() {
      let sample = Tensor<Float>(unchecked: [1, 3, 2, 2], noise.scalars[12 * index..<12 * index + 12].map { $0 / 8 })
      let alone = TensorStatistics(of: sample.imagesFromSamples())
      #expect(image["index"] as? Int == index)
      #expect(image["sha256"] as? String == alone.sha256)
      #expect(image["abs_sum"] as? Double == alone.absoluteSum)
      let line = "\(index)  \(FixedDecimal.text(alone.absoluteSum, digits: 4))  \(alone.sha256)\n"
      #expect(report.table.text.contains(line))
    }
    #expect(each.count == 3)
  }

  @Test(arguments: [1, 12, 120])
  func theTableFits80Columns(images: Int) throws {
    var run = try ScriptedRun(shape: [images, 3, 2, 2])
    run.settings.eta = 1
    let table = try job([]).run(run).table.text
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(table.contains("  x_0 mean "))
  }

  @Test func namesTheDecodersLayerWithANaN() throws {
    var run = try ScriptedRun()
    run.decoder = NonFiniteLayer(.layer("vae.decoder.conv_in"), in: Tensor(unchecked: [1, 1, 1, 2], [0, .nan]))
    let report = try job([]).run(run)
    #expect(report.table.text.contains("\nthe decoding is not finite: vae.decoder.conv_in: nan at [0, 0, 0, 1]; "))
    #expect(CommandOutcome(try #require(report.nonFiniteImages), of: Root.self).status == 1)
    let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json().text.utf8)) as? [String: Any])
    let found = (json["images"] as? [String: Any])?["non_finite"] as? [String: Any]
    #expect(found?["name"] as? String == "vae.decoder.conv_in")
  }

  @Test func imagesThatAreNotFiniteAreAnError() throws {
    let cause = NonFiniteLayer(.layer("conv_in"), in: Tensor(unchecked: [1, 1, 1, 2], [0, .nan]))
    let report = try job([]).run(try ScriptedRun(nonFinite: cause, value: .nan))
    let error = try #require(report.nonFiniteImages)
    let outcome = CommandOutcome(error, of: Root.self)
    #expect(outcome.status == 1)
    #expect(
      outcome.errorLine?.text == """
        diffusion-tui: the image is not finite: 12 of 12 values are NaN or infinite; it began in step 1 (timestep \
        \(try ScriptedRun().schedule[1].timestep.wholeText)), conv_in: nan at [0, 0, 0, 1]; 1 of 2 values are not finite
        """)
    #expect(report.table.text.contains("np.abs(image).sum()  nan\n"))
    let json = try report.json().text
    for field in [#""abs_sum" : "nan""#, #""nan_count" : 12"#, #""mean" : "nan""#] { #expect(json.contains(field)) }
    #expect(try job([]).run(try ScriptedRun()).nonFiniteImages == nil)
  }

  private struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "diffusion-tui")
  }

  @Test func noProgressWhereThereIsNoTerminal() {
    let lines = Lines()
    let line = ProgressLine(isTerminal: false, write: lines.append)
    line.show(RunProgress(steps: 2))
    line.clear()
    #expect(lines.all.isEmpty)
  }
}
