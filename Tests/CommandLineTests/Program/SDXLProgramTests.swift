import Foundation
import TestSupport
import Testing

/// The built program with a small Stable Diffusion XL and its refiner.
@Suite("Stable Diffusion XL on the command line") struct SDXLProgramTests {
  private static let folder = "\(Fixtures.folder)/sdxl"
  private static let run = [
    "\(folder)/base", "--prompt", "red heart", "--seed", "0", "--steps", "5", "--refiner", "\(folder)/refiner",
    "--denoising-end", "0.6", "--original-size", "640,480", "--aesthetic-score", "7.5",
  ]

  @Test("a chain's report and receipt have its refiner and its sizes") func chain() throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/run.json", picture = folder.path + "/heart.png"
    let report = try Program.report(["generate", "--json"] + Self.run + ["--receipt", receipt, "--output", picture])
    let settings = try #require(report["settings"] as? [String: Any])
    #expect(settings["refiner"] as? String == "\(Self.folder)/refiner" && settings["denoising_end"] as? Double == 0.6)
    #expect((report["images"] as? [String: Any])?["shape"] as? [Int] == [1, 16, 16, 3])
    #expect(try String(contentsOfFile: receipt, encoding: .utf8).contains("refiner/unet/config.json"))
    let verified = try Program.run(["verify", receipt])
    #expect(verified.status == 0 && verified.output.hasPrefix("equal: 5 steps, final sha256 "), "\(verified.error)")
  }

  @Test("a chain branches in its base and in its refiner", arguments: ["1,denoising_end=0.4", "3,prompt=a cat,seed=3"])
  func branches(branch: String) throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/run.json"
    let report = try Program.report(
      ["generate", "--json"] + Self.run + ["--branch", branch, "--receipt", receipt])
    let plain = try Program.report(["generate", "--json"] + Self.run)
    func hash(_ report: [String: Any]) -> String? { (report["images"] as? [String: Any])?["sha256"] as? String }
    #expect(hash(report) != nil && hash(report) != hash(plain))
    let verified = try Program.run(["verify", receipt])
    #expect(verified.status == 0 && verified.output.hasPrefix("equal: "), "\(verified.output)\(verified.error)")
  }

  @Test("a chain verifies where its refiner is now, alone and in a folder") func movedRefiner() throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/r/run.json"
    let (before, after) = (folder.path + "/refiner", folder.path + "/elsewhere")
    try FileManager.default.copyItem(atPath: "\(Self.folder)/refiner", toPath: before)
    try FileManager.default.createDirectory(atPath: folder.path + "/r", withIntermediateDirectories: false)
    let run = ["\(Self.folder)/base", "--prompt", "red heart", "--seed", "0", "--steps", "3"]
    let made = try Program.run(["generate"] + run + ["--refiner", before, "--receipt", receipt])
    try #require(made.status == 0, "\(made.error)")
    try FileManager.default.moveItem(atPath: before, toPath: after)
    let lost = try Program.run(["verify", receipt])
    #expect(lost.status == 66 && lost.error.contains("give its location with --refiner"), "\(lost.error)")
    let lostFolder = try Program.run(["verify", folder.path + "/r"])
    #expect(lostFolder.status == 1 && lostFolder.output.contains("\(before): no such folder"), "\(lostFolder.output)")
    for path in [receipt, folder.path + "/r"] {
      let found = try Program.run(["verify", path, "--refiner", after])
      #expect(found.status == 0 && found.output.hasPrefix("equal: "), "\(found.output)\(found.error)")
    }
    let wrong = try Program.run(["verify", receipt, "--refiner", "\(Self.folder)/base"])
    #expect(wrong.status == 1 && wrong.output.contains("the model differs: refiner/"), "\(wrong.output)\(wrong.error)")
    let none = try Program.run(["verify", receipt, "--refiner", folder.path + "/none"])
    #expect(none.status == 66 && !none.error.contains("with --refiner"), "\(none.error)")
    let alone = try Program.run(["generate"] + run + ["--receipt", folder.path + "/alone.json"])
    try #require(alone.status == 0, "\(alone.error)")
    let refused = try Program.run(["verify", folder.path + "/alone.json", "--refiner", after])
    #expect(refused.status == 64 && refused.error.contains("had no refiner: leave it out"), "\(refused.error)")
  }

  @Test("the explorer shows both stages and their latents") func explores() throws {
    let folder = try TemporaryFolder(), path = folder.path + "/screen.txt"
    let result = try Program.run(
      ["snapshot"] + Self.run + ["--keys", "home right right right right", "--size", "120x40", "--output", path])
    try #require(result.status == 0, "\(result.error)")
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("refiner 1/2, timestep"))
  }

  @Test("a sweep goes over refiners, of which a base may be one, and over where they take over") func sweep() throws {
    let folder = try TemporaryFolder(), plan = folder.path + "/chain.toml", output = folder.path + "/chain"
    let text = """
      model = "\(Self.folder)/base"
      prompt = "red heart"
      steps = 4
      seed = 1
      [[axis]]
      refiner = ["\(Self.folder)/base", "\(Self.folder)/refiner"]
      [[axis]]
      denoising-end = [0.5, 0.75]
      """
    try text.write(toFile: plan, atomically: false, encoding: .utf8)
    for count in ["4 made, 0 found and verified\n", "0 made, 4 found and verified\n"] {
      let made = try Program.run(["sweep", plan, "--output", output])
      try #require(made.status == 0 && made.output.hasSuffix(count), "\(made.error)")
    }
    let merged = try Program.run(["sweep", "merge", output, "--output", folder.path + "/merged"])
    #expect(merged.status == 0, "\(merged.error)")
    let verified = try Program.run(["verify", output])
    #expect(verified.status == 0, "\(verified.output) \(verified.error)")
    let table = try String(contentsOfFile: folder.path + "/merged/table.csv", encoding: .utf8)
    let hashes = try [("base", "0.75"), ("refiner", "0.5"), ("refiner", "0.75")].map { refiner, end in
      let run = ["\(Self.folder)/base", "--prompt", "red heart", "--seed", "1", "--steps", "4"]
      let chain = ["--refiner", "\(Self.folder)/\(refiner)", "--denoising-end", end]
      let images = try Program.report(["generate", "--json"] + run + chain)["images"] as? [String: Any]
      return try #require(images?["sha256"] as? String)
    }
    #expect(Set(hashes).count == 3 && hashes.allSatisfy(table.contains), "\(table)")
  }

  @Test("a file of runs has a refiner and sizes of its own for each run") func runsFile() throws {
    let folder = try TemporaryFolder(), runs = folder.path + "/runs.toml", path = folder.path + "/screen.txt"
    let own = """
      [[run]]
      model = "\(Self.folder)/base"
      prompt = "red heart"
      seed = 0
      steps = 4

      """
    let chain = "refiner = \"\(Self.folder)/refiner\"\ndenoising-end = 0.5\n"
    let text = own + "original-size = [640, 480]\n" + own + chain
    try text.write(toFile: runs, atomically: false, encoding: .utf8)
    let result = try Program.run(
      ["snapshot", "--compare", runs, "--keys", "end", "--size", "160x40", "--output", path])
    try #require(result.status == 0, "\(result.error)")
    let screen = try String(contentsOfFile: path, encoding: .utf8)
    #expect(screen.contains("640,480") && screen.contains("refine"), "\(screen)")
  }

  @Test(
    "a refiner alone works on a picture; Turbo and Lightning take few steps without guidance",
    arguments: [
      ["refiner", "--image", "demo", "--strength", "0.5", "--steps", "4", "--aesthetic-score", "7"],
      ["turbo", "--steps", "1", "--guidance-scale", "0"],
      ["turbo", "--steps", "4", "--guidance-scale", "1", "--image", "demo", "--strength", "0.5"],
      [
        "base", "--steps", "2", "--guidance-scale", "0", "--scheduler", "euler", "--scheduler-option",
        "timestep_spacing=trailing",
      ],
    ])
  func alone(words: [String]) throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/run.json"
    let report = try Program.report(
      [
        "generate", "--json", "\(Self.folder)/\(words[0])", "--prompt", "red heart", "--seed", "0", "--receipt",
        receipt,
      ]
        + words.dropFirst())
    #expect(
      (report["images"] as? [String: Any])?["shape"] as? [Int]
        == (words[0] == "turbo" ? [1, 24, 24, 3] : [1, 16, 16, 3]))
    let verified = try Program.run(["verify", receipt])
    #expect(verified.status == 0, "\(verified.output) \(verified.error)")
  }

  @Test("a refiner needs a model that it can refine") func refusals() throws {
    let result = try Program.run([
      "generate", "sd-emoji-64", "--prompt", "pizza", "--refiner", "\(Self.folder)/refiner",
    ])
    #expect(result.status == 64 && result.error.contains("refiner: the model reads no such thing"), "\(result.error)")
  }
}
