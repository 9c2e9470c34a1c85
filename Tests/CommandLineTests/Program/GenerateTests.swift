import DiffusionCore
import Foundation
import Glibc
import Testing

/// The built program on its demo model.
@Suite struct GenerateTests {
  private func hash(_ report: [String: Any]) throws -> String {
    try #require((report["images"] as? [String: Any])?["sha256"] as? String)
  }

  private func isa(_ report: [String: Any]) throws -> String {
    try #require((report["engine"] as? [String: Any])?["isa"] as? String)
  }

  private func settings(_ report: [String: Any]) throws -> [String: Any] {
    try #require(report["settings"] as? [String: Any])
  }

  /// Sums from the demo model's card, made with diffusers 0.42.1 on torch 2.13.
  @Test(arguments: [("0", "2", 2292.1682), ("0", "10", 2234.9754), ("42", "20", 2223.6728)])
  func sumsAreDiffusers(seed: String, steps: String, expected: Double) throws {
    let report = try Program.generate("--seed", seed, "--steps", steps)
    let sum = try #require(report["abs_sum"] as? Double)
    // The card's sums have four decimals; 3072 values that are off by 1e-5 on average would be off by 0.03 in sum.
    #expect(abs(sum - expected) < 0.03)
    #expect((report["images"] as? [String: Any])?["shape"] as? [Int] == [1, 32, 32, 3])
    #expect((report["timesteps"] as? [Int])?.count == (report["steps"] as? [Any])?.count)
    #expect(report["model"] as? String == "ddpm-emoji-32")
  }

  @Test func threadsChangeTheWorkersAndNotTheBits() throws {
    var hashes: [String] = []
    for threads in [1, 2] {
      var times = ThreadTimes()
      let result = try Program.run(
        ["generate", "--json", "--seed", "3", "--steps", "12", "--batch-size", "4", "--threads", "\(threads)"],
        whileRunning: { times.watch($0) })
      #expect(result.status == 0)
      #expect(times.busyThreads == threads)
      let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect((report["engine"] as? [String: Any])?["threads"] as? Int == threads)
      hashes.append(try hash(report))
    }
    #expect(hashes[0] == hashes[1])
  }

  @Test func anImageIsTheSameAloneAndInABatch() throws {
    let folder = try TemporaryFolder()
    for (name, seeds) in [("batch", "0,1,2"), ("0", "0"), ("1", "1"), ("2", "2")] {
      _ = try Program.generate("--seeds", seeds, "--steps", "3", "--output", "\(folder.path)/\(name).npy")
    }
    let alone = try (0..<3).flatMap { try NPYFile(folder.bytes("\($0).npy")).floats }
    let batch = try NPYFile(folder.bytes("batch.npy")).floats
    #expect(batch.map(\.bitPattern) == alone.map(\.bitPattern))
    #expect(Set(batch).count > 100)
  }

  @Test func everyDeviceGivesTheSameBits() throws {
    let devices = Device.available.map(\.description)
    let reports = try devices.map { try Program.generate("--seed", "1", "--steps", "2", "--device", $0) }
    #expect(try Set(reports.map(hash)).count == 1)
    #expect(try reports.map { try settings($0)["device"] as? String } == devices)
    #expect(try reports.map(isa) == Device.available.map(\.instructionSet))
  }

  @Test func theEnvironmentSelectsTheInstructionSet() throws {
    let sets = Device.available.map(\.instructionSet).filter { $0 != "reference" }
    for set in sets {
      let report = try Program.generate("--steps", "1", environment: ["DIFFUSION_ISA": set])
      #expect(try isa(report) == set)
      #expect(try settings(report)["device"] as? String == "cpu")
    }
  }

  @Test(arguments: [["generate", "--steps", "1"], ["inspect"], ["explore"], ["bench", "--repeats", "1"]])
  func aWrongEnvironmentIsAnError(arguments: [String]) throws {
    let result = try Program.run(arguments, environment: ["DIFFUSION_ISA": "sse"])
    #expect(result.status == 64)
    #expect(result.output == "")
    #expect(result.error.hasPrefix("diffusion-tui: DIFFUSION_ISA: 'sse' is unknown: expected one of "))
    #expect(result.error.filter { $0 == "\n" }.count == 1)
  }

  @Test(arguments: [["--seed", "1"], ["--eta", "0.5"], ["--generator-device", "cuda"], ["--steps", "4"]])
  func settingsChangeTheImage(arguments: [String]) throws {
    let base = try Program.generate("--seed", "0", "--steps", "3")
    let all = arguments.contains("--seed") ? arguments : ["--seed", "0"] + arguments
    let other = try Program.generate(all[0], all[1], "--steps", "3", all.count > 2 ? "\(all[2])=\(all[3])" : "--eta=0")
    #expect(try hash(base) != hash(other))
  }

  @Test func aDrawnSeedIsShownAndGivesTheImageAgain() throws {
    let first = try Program.generate("--steps", "2")
    let seed = try #require((settings(first)["seeds"] as? [Int])?.first)
    let second = try Program.generate("--steps", "2", "--seed", "\(seed)")
    #expect(try hash(first) == hash(second))
    #expect(try settings(Program.generate("--steps", "1"))["seeds"] as? [Int] != [seed])
  }

  @Test func aSettingWithoutEffectIsSaid() throws {
    let result = try Program.run(["generate", "--seed", "0", "--steps", "1", "--scheduler", "euler", "--eta", "0.5"])
    #expect(result.status == 0)
    #expect(result.error == "diffusion-tui: warning: eta 0.5 has no effect: euler takes none\n")
  }

  @Test func theTraceIsTheRun() throws {
    let folder = try TemporaryFolder()
    let report = try Program.generate(
      "--seed", "0", "--steps", "2", "--trace", folder.path + "/t", "--output", folder.path + "/i.png")
    #expect(try folder.contents == ["i.png", "t"])
    let noise = try NPYFile(folder.bytes("t/initial_noise.npy"))
    #expect(try NPYFile(folder.bytes("t/sample_0.npy")).floats == noise.floats)
    #expect(noise.header.contains("'shape': (1, 3, 32, 32)"))
    // torch.manual_seed(0); torch.randn(1, 3, 32, 32)
    #expect(noise.floats.prefix(3) == [-1.1258398, -1.1523602, -0.25057858])
    let steps = try #require(report["steps"] as? [[String: Any]])
    let predicted = try NPYFile(folder.bytes("t/pred_original_sample_1.npy")).floats
    let statistics = try #require(steps[1]["pred_original_sample"] as? [String: Any])
    #expect(statistics["max"] as? Double == predicted.max().flatMap { Double("\($0)") })
  }

  @Test func aFileOfATraceThatIsReplacedKeepsItsMode() throws {
    let folder = try TemporaryFolder(), path = folder.path + "/t/sample_0.npy"
    func trace(_ seed: String) throws {
      _ = try Program.generate("--seed", seed, "--steps", "1", "--trace", folder.path + "/t")
    }
    try trace("0")
    chmod(path, 0o600)
    let former = try folder.bytes("t/sample_0.npy")
    try trace("1")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(try folder.bytes("t/sample_0.npy") != former && folder.contents == ["t"])
  }

  /// alpha-bar of the first step is 0, by which the prediction is divided.
  private static let notFinite = [
    "--seed", "0", "--steps", "2", "--scheduler-option", "rescale_betas_zero_snr=true", "--scheduler-option",
    "clip_sample=false", "--scheduler-option", "prediction_type=epsilon",
  ]

  @Test func anImageOfNaNIsSaidAlike() throws {
    let folder = try TemporaryFolder()
    let exports = ["--csv", folder.path + "/s.csv", "--receipt", folder.path + "/r.json"]
    let table = try Program.run(["generate"] + Self.notFinite + exports)
    let json = try Program.run(["generate", "--json"] + Self.notFinite)
    for result in [table, json] {
      #expect(result.status == 1)
      let line = "diffusion-tui: the image is not finite: 3072 of 3072 values are NaN or infinite; "
      #expect(result.error.hasPrefix(line))
      #expect(result.error.filter { $0 == "\n" }.count == 1)
    }
    #expect(table.output.contains("\nnp.abs(image).sum()  nan\n"))
    #expect(!(table.output + json.output).contains("-nan"))
    let report = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(report["abs_sum"] as? String == "nan")
    let csv = CSVFile(String(decoding: try folder.bytes("s.csv"), as: UTF8.self))
    for name in ["mean", "std", "abs_sum", "l2"] { #expect(csv.column("prev_sample_\(name)").last == "nan") }
    let explorer = try Program.run(["--plain"] + Self.notFinite, input: "end\nstats\n")
    #expect(explorer.output.contains("nan"))
    let verified = try Program.run(["verify", folder.path + "/r.json"])
    #expect(verified.status == 0)
    #expect(verified.output.hasPrefix("equal: 2 steps, "))
  }

  @Test func aReportOnPrecisionSaysThatImagesAreNaN() throws {
    let result = try Program.run(["generate", "--precision-report"] + Self.notFinite)
    #expect(result.status == 1)
    #expect(
      result.error
        == "diffusion-tui: the images are not finite: 3072 values are NaN, of which no distance is known\n")
  }

  @Test func settingsThatNoOtherLineNamesHaveLinesOfTheirOwn() throws {
    let result = try Program.run(
      ["generate", "--prompt", "pizza", "--seed", "0", "--steps", "1", "--height", "64", "--width", "32"])
    #expect(result.output.contains(/\nheight +64\n/) && result.output.contains(/\nwidth +32\n/))
    let back = try Program.run([
      "generate", "--seed", "0", "--steps", "2", "--image", "demo", "--invert", "--scheduler", "ddim", "--eta", "0.5",
    ])
    #expect(back.output.contains(/\nscheduler +ddim-inverse, back by ddim, eta 0.5\n/), "\(back.output)")
  }

  @Test func headEndsItQuietly() throws {
    let command = "'\(try Program.path)' generate --seed 0 --steps 900 2>&1 | head -3"
    let output = String(decoding: try Tool.output(of: "/bin/sh", ["-c", command]), as: UTF8.self)
    #expect(output == "model      ddpm-emoji-32\nseed       0\nsteps      900\n")
  }

  @Test(arguments: [
    [], ["--batch-size", "11"], ["--scheduler", "euler"], ["--scheduler", "ddpm", "--device", "cpu:portable"],
    ["--device", "cpu:reassociated"],
  ])
  func tableFits80Columns(arguments: [String]) throws {
    let result = try Program.run(["generate", "--seed", "0", "--steps", "2"] + arguments)
    #expect(result.status == 0)
    #expect(result.output.split(separator: "\n").filter { $0.count > 80 } == [])
  }

  @Test func aBatchNamesTheHashOfEachImage() throws {
    let batch = try Program.generate("--seeds", "0,1", "--steps", "2")
    let each = try #require((batch["images"] as? [String: Any])?["each"] as? [[String: Any]])
    for (seed, image) in each.enumerated() {
      let alone = try Program.generate("--seed", "\(seed)", "--steps", "2")
      #expect(try image["sha256"] as? String == hash(alone))
      #expect(image["abs_sum"] as? Double == alone["abs_sum"] as? Double)
    }
    #expect(each.count == 2)
  }

  @Test func progressForScriptsIsALineOfJSONForEachStep() throws {
    let result = try Program.run(["generate", "--seed", "0", "--steps", "3", "--progress", "json"])
    let lines = try result.error.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.map { $0["step"] as? Int } == [1, 2, 3])
    #expect(lines.allSatisfy { $0["steps"] as? Int == 3 && $0["timestep"] is Int && $0["seconds_left"] is Double })
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalLeavesNothingBehind(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let files = ["--output", folder.path + "/i.png", "--trace", folder.path + "/t"]
    let arguments = ["generate", "--steps", "1000", "--batch-size", "16"] + files
    let result = try Program.run(arguments) { process in
      while process.isRunning, try folder.contents.isEmpty { usleep(1_000) }
      kill(process.processIdentifier, signal)
    }
    #expect(result.wasSignalled)
    #expect(result.status == signal)
    #expect(result.error == "")
    #expect(try folder.contents.isEmpty)
  }
}
