import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The built program with runs of several models side by side.
@Suite("Runs of several models")
struct SeveralModelsTests {
  private let folder: TemporaryFolder
  private static let settings = ["--steps", "3", "--threads", "2"]

  init() throws { folder = try TemporaryFolder() }

  private func model(_ name: String) -> String { "\(Fixtures.folder)/unet/\(name)" }

  /// A file of runs; nil is a run without a model.
  private func runs(_ models: [String?]) throws -> String {
    let path = folder.path + "/runs.toml"
    let tables = models.map { name in "[[run]]\nseed = 3\n" + (name.map { "model = \"\($0)\"\n" } ?? "") }
    try tables.joined().write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Plays keys; returns the screen without the spaces at line breaks.
  private func play(_ keys: String, models: [String?], size: String = "200x60", arguments: [String] = []) throws
    -> Program.Result
  {
    try Program.run(
      ["snapshot"] + arguments + Self.settings
        + ["--compare", runs(models), "--size", size, "--keys", keys, "--output", folder.path + "/s.txt"])
  }

  private var screen: String {
    get throws { try String(contentsOfFile: folder.path + "/s.txt", encoding: .utf8) }
  }

  private func spelled(_ text: String) -> String { text.map(String.init).joined(separator: " ") }

  @Test("each equals, to the bit, the output of generate for it alone")
  func sameBits() throws {
    let models = [nil, model("two-levels"), model("four-levels"), model("three-levels")]
    for (index, name) in models.enumerated() {
      let path = "\(folder.path)/\(index).json"
      let keys = "\(index + 1) end x r ctrl-u \(spelled(path)) enter"
      let result = try play(keys, models: models)
      try #require(result.status == 0, "\(result.error)")
      let report = try Program.report(
        ["generate", "--json"] + (name.map { [$0] } ?? []) + ["--seed", "3"] + Self.settings)
      let hash = try #require((report["images"] as? [String: Any])?["sha256"] as? String)
      let verified = try Program.run(["verify", path])
      #expect(verified.output == "equal: 3 steps, final sha256 \(hash)\n")
      #expect(verified.status == 0)
    }
  }

  @Test("their titles name them, and say which shapes cannot be compared", arguments: ["80x24", "120x40", "200x60"])
  func titles(size: String) throws {
    let result = try play("right 2", models: [nil, model("two-levels"), model("four-levels")], size: size)
    #expect(result.status == 0)
    let text = try screen
    for name in ["ddpm-emoji-32", "two-levels", "four-levels"] { #expect(text.contains(name)) }
    #expect(text.contains("3x8x8") && text.contains("3x32x32"))
  }

  @Test("MODEL applies to the runs without a model; the demo model has a name")
  func base() throws {
    let result = try play(
      "right y", models: [nil, "ddpm-emoji-32", model("three-levels")], arguments: [model("two-levels")])
    #expect(result.status == 0)
    #expect(try screen.contains("diffusion-tui generate \(model("two-levels")) --seed 3 --steps 3"))
    #expect(try screen.contains("2  seed 3  ddpm-emoji-32"))
  }

  @Test("files are named after the focused run's model")
  func names() throws {
    _ = try play("2 end x r", models: [nil, model("two-levels")], size: "100x30")
    #expect(try screen.contains("two-levels-seed3-steps3-receipt.json"))
  }

  @Test("a missing or damaged model is an error of the command line")
  func wrong() throws {
    let missing = try play("", models: [nil, folder.path + "/none"])
    #expect(missing.status == 66 && missing.error.contains("/none: no such folder"))
    let copy = folder.path + "/damaged"
    try FileManager.default.copyItem(atPath: model("two-levels"), toPath: copy)
    let weights = copy + "/unet/diffusion_pytorch_model.safetensors"
    try Data(try Data(contentsOf: URL(fileURLWithPath: weights)).dropLast(4)).write(
      to: URL(fileURLWithPath: weights))
    let damaged = try play("", models: [nil, copy])
    #expect(damaged.status == 65 && damaged.error.contains(weights))
    #expect(damaged.error.split(separator: "\n").count == 1)
  }

  @Test("the plain mode changes the model like any setting")
  func plain() throws {
    let result = try Program.run(
      ["--plain", "--seed", "3"] + Self.settings,
      input: "model \(model("two-levels"))\nmodel /none/such\nlast-step\nhash\ncopy-command\n")
    #expect(result.output.contains("Error: /none/such: no such folder"))
    #expect(result.output.contains("diffusion-tui generate \(model("two-levels")) --seed 3 --steps 3"))
    let report = try Program.generate(model("two-levels"), "--seed", "3", "--steps", "3")
    let last = try #require((report["steps"] as? [[String: Any]])?.last)
    let sum = try #require(report["abs_sum"] as? Double)
    #expect(result.output.contains("its absolute sum is \(String(format: "%.3f", sum))"))
    #expect(last["index"] as? Int == 2)
  }

  @Test("generate --json includes the call and the image")
  func selection() throws {
    let report = try Program.generate(
      "--seed", "3", "--batch-size", "4", "--call", "2", "--image", "3", "--steps", "1")
    let settings = try #require(report["settings"] as? [String: Any])
    #expect(settings["call"] as? Int == 2 && settings["image"] as? Int == 3)
    let other = try Program.generate("--seed", "3", "--steps", "1")
    let usual = try #require(other["settings"] as? [String: Any])
    #expect(usual["call"] as? Int == 1 && usual["image"] == nil)
  }
}
