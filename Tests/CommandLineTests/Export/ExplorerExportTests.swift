import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

/// The explorer of the built program writes the same as `generate`, byte for byte.
@Suite("Files from the explorer")
struct ExplorerExportTests {
  private static let settings = ["--seed", "3", "--steps", "3", "--threads", "2"]
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Takes every step, and writes one kind of file under a name.
  private func export(_ kind: ExportKind, _ name: String, enters: Int = 1, settings: [String] = settings) throws
    -> String
  {
    let path = (folder.path + "/" + name).map(String.init).joined(separator: " ")
    let keys = "end x \(kind.letter) ctrl-u \(path)" + String(repeating: " enter", count: enters)
    let screen = folder.path + "/screen.txt"
    let result = try Program.run(["snapshot"] + settings + ["--size", "78x30", "--keys", keys, "--output", screen])
    try #require(result.status == 0, "\(result.error)")
    // A long path is broken at the end of the line; the menu is as wide as the screen, so nothing comes between.
    return try String(contentsOfFile: screen, encoding: .utf8).split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
  }

  @Test(
    "they equal those of generate",
    arguments: [
      (ExportKind.receipt, "a.json", "--receipt"), (.sheet, "a.png", "--contact-sheet"), (.csv, "a.csv", "--csv"),
      (.animation, "a.apng", "--animation"), (.png, "a.png", "--output"),
    ])
  func sameBytes(kind: ExportKind, name: String, option: String) throws {
    #expect(try export(kind, name).contains("wrote "))
    let other = "other-" + name
    let made = try Program.run(["generate"] + Self.settings + [option, folder.path + "/" + other])
    #expect(made.status == 0)
    #expect(try folder.bytes(name) == folder.bytes(other))
  }

  @Test("a receipt of weights, variation, eta and CUDA noise verifies")
  func verifies() throws {
    let settings = [
      "--seed", "3", "--steps", "2", "--eta", "0.3", "--weights", "bfloat16", "--variation-seed", "4",
      "--variation-strength", "0.25", "--generator-device", "cuda",
    ]
    _ = try export(.receipt, "r.json", settings: settings)
    let result = try Program.run(["verify", folder.path + "/r.json", "--threads", "1"])
    #expect(result.output.hasPrefix("equal: 2 steps, final sha256 "))
    #expect(result.status == 0)
  }

  @Test("the tensor on the screen is written to the bit")
  func tensor() throws {
    _ = try export(.npy, "x.npy")
    _ = try Program.run(["generate"] + Self.settings + ["--output", folder.path + "/i.npy"])
    let sample = try Tensor<Float>(npyFile: folder.path + "/x.npy")
    #expect(sample.shape == [1, 3, 32, 32])
    #expect(sample.imagesFromSamples() == (try Tensor<Float>(npyFile: folder.path + "/i.npy")))
  }

  @Test("an existing file is replaced only after a second Enter")
  func collision() throws {
    try Data("mine".utf8).write(to: URL(fileURLWithPath: folder.path + "/a.csv"))
    #expect(try export(.csv, "a.csv").contains("is there already"))
    #expect(try folder.bytes("a.csv") == Array("mine".utf8))
    #expect(try export(.csv, "a.csv", enters: 2).contains("wrote "))
    #expect(try folder.bytes("a.csv").count > 1000)
  }

  @Test(
    "a file that cannot be written gives a one-line error",
    arguments: [("a.png", "unknown ending"), ("none/a.csv", "there is no folder"), (".csv", "unknown ending")])
  func refused(name: String, message: String) throws {
    #expect(try export(.csv, name).contains(message))
    #expect(try folder.contents == ["screen.txt"])
  }

  @Test("the screen is written as an image and as text")
  func screens() throws {
    _ = try export(.svg, "s.svg")
    #expect(try String(decoding: folder.bytes("s.svg"), as: UTF8.self).hasPrefix("<svg"))
    _ = try export(.ansi, "s.ansi")
    let text = try String(decoding: folder.bytes("s.ansi"), as: UTF8.self)
    #expect(text.contains("\u{1B}[") && text.contains("3/3") && !text.contains("Export"))
  }

  @Test("the plain mode writes a run too")
  func plain() throws {
    let path = folder.path + "/r.json"
    let result = try Program.run(
      ["--plain"] + Self.settings, input: "last-step\nexport receipt \(path)\ncopy-command\nexport svg\n")
    #expect(result.output.contains("wrote \(path)"))
    #expect(result.output.contains("diffusion-tui generate --seed 3 --steps 3"))
    #expect(result.output.contains("needs the explorer's screen"))
    #expect(try Program.run(["verify", path]).status == 0)
  }
}
