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

  @Test("the explorer shows both stages and their latents") func explores() throws {
    let folder = try TemporaryFolder(), path = folder.path + "/screen.txt"
    let result = try Program.run(
      ["snapshot"] + Self.run + ["--keys", "home right right right right", "--size", "120x40", "--output", path])
    try #require(result.status == 0, "\(result.error)")
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("refiner 1/2, timestep"))
  }

  @Test("a refiner needs a model that it can refine") func refusals() throws {
    let result = try Program.run([
      "generate", "sd-emoji-64", "--prompt", "pizza", "--refiner", "\(Self.folder)/refiner",
    ])
    #expect(result.status == 64 && result.error.contains("refiner: the model reads no such thing"), "\(result.error)")
  }
}
