import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Testing

@Suite("--image selects an image of the batch, or names a picture")
struct ImageOptionTests {
  private struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "program")
  }

  private func settings(_ arguments: String...) throws -> RunSettings {
    try GenerateOptions.parse(["--seed", "0", "--threads", "1"] + arguments).request(drawSeed: { 1 }).settings
  }

  @Test("a whole number is an image of the batch, as in version 0.1.0")
  func numbers() throws {
    #expect(try settings("--batch-size", "3", "--image", "2").selection.image == 2)
    #expect(try settings("--batch-size", "3", "--image", "2", "--image", "3").selection.image == 3)
    #expect(try settings("--batch-size", "3", "--image=+1").selection.image == 1)
    #expect(try settings("--image", "all") == settings())
    for number in ["0", "-1", "4"] {
      let error = try #require(throws: DiffusionError.self) { try settings("--batch-size", "3", "--image", number) }
      let line = CommandOutcome(error, of: Command.self).errorLine?.text
      #expect(line == "program: --image \(number) is not a whole number from 1 to 3, or all")
    }
  }

  @Test(
    "anything else is a picture",
    arguments: ["cat.png", "./3", "3.png", "demo", "a picture.png", "-cat.png", "all.png", "1,2", "0x3", "1e3"])
  func pictures(name: String) throws {
    let settings = try settings("--image", name)
    #expect(settings.initImage == PictureReference(name) && settings.strength == 0.8)
    #expect(settings.selection.image == nil)
  }

  @Test("both may be given, in any order")
  func both() throws {
    let expected = try settings("--batch-size", "3", "--image", "2", "--image", "cat.png", "--strength", "0.25")
    #expect(expected.selection.image == 2 && expected.initImage?.name == "cat.png" && expected.strength == 0.25)
    #expect(try settings("--strength", "0.25", "--image", "cat.png", "--image", "2", "--batch-size", "3") == expected)
    #expect(try settings("--image", "none") == settings())
  }

  @Test(
    "the line that reproduces a run gives both again",
    arguments: ["3", "all", "none", "demo", "a b.png", "x/1.png"])
  func reproduced(name: String) throws {
    var request = RunRequest(
      settings: RunSettings(seeds: [0], batchSize: 2, threads: 1, initImage: PictureReference(name), strength: 0.5))
    request.settings.selection.image = 2
    let line = CommandLineText.reproducing(request, processors: 1)
    let path = ["3", "all", "none"].contains(name) ? "./\(name)" : name
    #expect(line.contains(" --image 2 --image \(name == "a b.png" ? "'a b.png'" : path) --strength 0.5"), "\(line)")
  }

  @Test(
    "a strength is a decimal from 0 to 1, and needs a picture",
    arguments: [
      (["--image", "demo", "--strength", "1.5"], "--strength 1.5 is not a decimal from 0 to 1"),
      (["--image", "demo", "--strength", "-0.1"], "--strength -0.1 is not a decimal from 0 to 1"),
      (["--image", "demo", "--strength", "half"], "--strength 'half' is not a decimal from 0 to 1"),
      (["--image", ""], "--image '' is not a PNG file, or demo, or none"),
      (
        ["--strength", "0.5"],
        "strength 0.5 has no picture to work on: give one with --image FILE, or as init_image"
      ),
    ])
  func strengths(arguments: [String], message: String) throws {
    let error = try #require(throws: DiffusionError.self) {
      try GenerateOptions.parse(arguments).request(drawSeed: { 1 })
    }
    #expect(error.kind == .usage)
    #expect(CommandOutcome(error, of: Command.self).errorLine?.text == "program: \(message)")
  }

  @Test("a file of runs names a picture by init-image, and image stays a number")
  func runsFile() throws {
    let base = RunRequest(settings: RunSettings(batchSize: 3, threads: 1))
    let text = "[[run]]\nimage = 2\n[[run]]\ninit-image = \"cat.png\"\nstrength = 0.3\n[[run]]\ninit_image = \"demo\""
    let runs = try RunsFile(text: text, path: "runs.toml", base: base).runs.map(\.settings)
    #expect(runs.map(\.selection.image) == [2, nil, nil])
    #expect(runs.map(\.initImage) == [nil, PictureReference("cat.png"), .demo])
    #expect(runs.map(\.strength) == [0.8, 0.3, 0.8])
  }
}
