import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

/// Handouts and runs files that the built program writes.
@Suite("Handouts of what is open")
struct HandoutTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Presses keys in the built explorer, and returns the text of its last screen.
  @discardableResult
  private func press(_ keys: String, _ options: [String] = ["--seed", "3", "--steps", "2"]) throws -> String {
    let screen = folder.path + "/screen.txt"
    let result = try Program.run(["snapshot"] + options + ["--size", "78x30", "--keys", keys, "--output", screen])
    try #require(result.status == 0, "\(result.error)")
    // A long path is broken at the end of the line; the menu is as wide as the screen, so nothing comes between.
    return try String(contentsOfFile: screen, encoding: .utf8).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
  }

  private func text(_ name: String) throws -> String { try String(decoding: folder.bytes(name), as: UTF8.self) }

  private func typed(_ name: String) -> String { (folder.path + "/" + name).map(String.init).joined(separator: " ") }

  @Test("a comparison in Markdown has its pictures, settings, hashes and commands")
  func comparison() throws {
    try press("c end x h ctrl-u \(typed("page.md")) enter")
    let page = try text("page.md")
    #expect(page.hasPrefix("# 2 runs side by side\n"))
    #expect(page.contains("- 2 steps\n") && page.contains("- engine \(EngineVersion.current)\n"))
    #expect(page.contains("diffusion-tui generate --seed 3 --steps 2"))
    for (index, seed) in [3, 4].enumerated() {
      let name = "page-figure-\(index + 1).png"
      #expect(page.contains("](\(name))<br>run \(index + 1): seed \(seed)<br>"))
      let picture = try PNGPixels(folder.bytes(name))
      #expect((picture.width, picture.height) == (256, 256))
      let receipt = folder.path + "/\(seed).json"
      _ = try Program.run(["generate", "--seed", "\(seed)", "--steps", "2", "--receipt", receipt])
      let decoded = try Receipt(json: folder.bytes("\(seed).json"), source: receipt)
      #expect(page.contains("sha256 of x\\_t: `\(try #require(decoded.result.steps.last).prevSample.sha256)`"))
    }
    #expect(page.contains("another start than run 1"))
  }

  @Test("the difference of equal runs is called equal, and is no blank square")
  func equal() throws {
    let options = ["--compare", "0,0,1", "--steps", "2"]
    try press("end D x h ctrl-u \(typed("page.md")) enter", options)
    let page = try text("page.md")
    #expect(page.contains("equal to run 1: every bit is the same"), "\(page)")
    #expect(page.components(separatedBy: "minus run 1, colours end at").count == 2)
    let own = try PNGPixels(folder.bytes("page-figure-1.png")), equal = try PNGPixels(folder.bytes("page-figure-2.png"))
    #expect((0..<own.width).allSatisfy { own[$0, own.height / 2] == equal[$0, own.height / 2] })
  }

  @Test("pictures keep their pixels in the PNG and the SVG of a page")
  func pixels() throws {
    try press("end x h ctrl-u \(typed("page.png")) enter")
    try press("end x h ctrl-u \(typed("page.svg")) enter")
    _ = try Program.run(
      ["generate", "--seed", "3", "--steps", "2", "--output", folder.path + "/image.png"])
    let image = try PNGPixels(folder.bytes("image.png")), page = try PNGPixels(folder.bytes("page.png"))
    // The picture is 8 times as large; it is found by its first row of pixels.
    let rows = (0..<page.height).filter { row in
      (0..<32).allSatisfy { page[24 + 8 * $0, row] == image[$0, 0] }
    }
    let top = try #require(rows.first)
    for row in 0..<32 {
      for column in 0..<32 {
        #expect(page[24 + 8 * column + 7, top + 8 * row + 7] == image[column, row])
      }
    }
    let svg = try text("page.svg")
    let data = try #require(svg.split(separator: "base64,").last?.split(separator: "\"").first)
    #expect(try PNGPixels(Array(#require(Data(base64Encoded: String(data))))).bytes == image.bytes)
    #expect(svg.contains(">sha256 of x_t<") && svg.contains(">seed 3<"))
  }

  @Test("a gallery's page has every finished seed")
  func gallery() throws {
    try press(": g a l l e r y space 5 - 7 enter x h ctrl-u \(typed("gallery.md")) enter")
    let page = try text("gallery.md")
    #expect(page.hasPrefix("# Gallery of seeds 5 to 7\n"))
    #expect(["seed 5<br>", "seed 6<br>", "seed 7<br>"].allSatisfy(page.contains))
    // What the command of the page prints.
    let image = try Program.run(["generate", "--seed", "5", "--steps", "2"]).output
    let hash = try #require(image.split(separator: "image sha256  ").last?.prefix(64))
    #expect(page.contains("<br>sha256 of x\\_t: `") && page.contains("<br>image sha256: `\(hash)`"))
  }

  @Test("a page of many pictures has the first command and says in what the others differ")
  func manyPictures() throws {
    let keys = ": g a l l e r y space 0 - 1 2 enter x h ctrl-u"
    try press("\(keys) \(typed("many.svg")) enter")
    let page = try text("many.svg")
    #expect(page.contains("The command of the first picture"))
    #expect(page.contains("differ in --seed:"))
    #expect(page.contains("diffusion-tui generate --seed 0 --steps 2"))
    #expect(!page.contains("generate --seed 1 "))
    try press("\(keys) \(typed("many.md")) enter")
    let markdown = try text("many.md")
    #expect((0...12).allSatisfy { markdown.contains("diffusion-tui generate --seed \($0) --steps 2") })
  }

  @Test("a lesson's page has its texts")
  func lesson() throws {
    try press(": l e s s o n space s e e d enter c x h ctrl-u \(typed("lesson.md")) enter")
    let page = try text("lesson.md")
    #expect(page.hasPrefix("# A seed is a starting point\n"))
    #expect(page.contains("\n1. ") && page.contains("\n2. "))
  }

  @Test("a number is taken where a page or one of its pictures is there already")
  func collision() throws {
    try press(": e x p o r t space h a n d o u t space \(typed("a.md")) enter")
    try #require(try folder.contents.contains("a.md"))
    try #require(try folder.contents.contains("a-figure-1.png"))
    try FileManager.default.removeItem(atPath: folder.path + "/a.md")
    #expect(try press("x h ctrl-u \(typed("a.md")) enter").contains("is there already"))
    #expect(!(try folder.contents.contains("a.md")))
  }

  @Test("what is open as a runs file opens again")
  func runs() throws {
    try press(
      "c end x o ctrl-u \(typed("open.toml")) enter",
      [
        "--seed", "18446744073709551615", "--steps", "3", "--scheduler", "euler", "--scheduler-option",
        "use_karras_sigmas=true",
        "--eta", "0", "--variation-seed", "4", "--variation-strength", "0.25",
      ])
    let file = folder.path + "/open.toml"
    #expect(try text("open.toml").contains("seed = \"18446744073709551615\"\n"))
    #expect(try text("open.toml").contains("variation = { seed = 4, strength = 0.25 }\n"))
    #expect(try press("", ["--compare", file]).contains("18446744073709551615"))
  }
}

@Suite("A runs file of requests")
struct RunsFileTextTests {
  @Test("reads back every setting, whatever the command line says")
  func settings() throws {
    let base = RunRequest(settings: RunSettings(seeds: [9], steps: 8, eta: 1, threads: 2))
    let text = RunsFile.text(of: [.unusual, .plain])
    let read = try RunsFile(text: text, path: "runs.toml", base: base).runs
    for setting in Setting.all {
      for (run, wanted) in zip(read, [RunRequest.unusual, .plain]) {
        #expect(setting.value(of: run) == setting.value(of: wanted), "\(setting): \(text)")
      }
    }
  }

  @Test("names of models keep their characters", arguments: ["a \"b\"", "a\\b", "x\ny", "モデル", "\u{1B}[2J"])
  func names(name: String) throws {
    let run = RunRequest(model: ModelReference(name), settings: RunSettings(threads: 1))
    let read = try RunsFile(text: RunsFile.text(of: [run]), path: "runs.toml", base: run).runs
    #expect(read.map(\.model) == [run.model])
  }
}
