import Foundation
import TestSupport
import Testing

/// The built program with a small unCLIP, whose run has three stages.
@Suite("unCLIP on the command line") struct UnCLIPProgramTests {
  private static let run = [
    "\(Fixtures.folder)/unclip/small", "--prompt", "red heart", "--seed", "0", "--steps", "4", "--prior-steps", "3",
    "--super-res-steps", "2", "--guidance-scale", "3", "--prior-guidance-scale", "2",
  ]

  @Test("makes a picture, whose report and receipt have the settings of every stage") func generates() throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/run.json", picture = folder.path + "/heart.png"
    let csv = folder.path + "/steps.csv", files = ["--receipt", receipt, "--output", picture, "--csv", csv]
    let report = try Program.report(["generate", "--json"] + Self.run + files)
    let stages = Array(repeating: "prior", count: 3) + Array(repeating: "decoder", count: 4) + ["super-resolution"]
    let found = try #require(report["steps"] as? [[String: Any]]).map { $0["stage"] as? String ?? "" }
    #expect(found == stages + ["super-resolution"])
    #expect(try CSVFile(String(contentsOfFile: csv, encoding: .utf8)).column("stage") == found)
    let table = try Program.run(["generate"] + Self.run).output
    #expect(table.contains(#/\nprior\n +0 .*\n +1 .*\n +2 .*\ndecoder\n +3 .*\n/#), "\(table)")
    let settings = try #require(report["settings"] as? [String: Any])
    #expect(settings["prior_steps"] as? Int == 3 && settings["super_res_steps"] as? Int == 2)
    #expect(settings["steps"] as? Int == 4 && settings["prior_guidance_scale"] as? Double == 2)
    #expect((report["images"] as? [String: Any])?["shape"] as? [Int] == [1, 16, 16, 3])
    #expect(try Data(contentsOf: URL(fileURLWithPath: picture)).count > 100)
    let verified = try Program.run(["verify", receipt])
    #expect(verified.status == 0 && verified.output.hasPrefix("equal: 9 steps, final sha256 "), "\(verified.error)")
  }

  @Test(
    "shows the prior's embedding in numbers, and pictures of their size behind it",
    arguments: [
      (0, ["an embedding of 16 numbers", "the start of the prior"]),
      (2, ["an embedding of 16 numbers", "distance to the last", "prior 2/3, timestep"]),
      (5, ["decoder 2/4, timestep", "1\u{D7}3\u{D7}8\u{D7}8"]), (8, ["super-resolution 1/2, timestep"]),
      (9, ["1\u{D7}3\u{D7}16\u{D7}16", "image sum"]),
    ])
  func explores(steps: Int, expected: [String]) throws {
    let folder = try TemporaryFolder(), path = folder.path + "/screen.txt"
    let keys = (["home"] + Array(repeating: "right", count: steps)).joined(separator: " ")
    let result = try Program.run(
      ["snapshot"] + Self.run + ["--keys", keys, "--size", "120x40", "--output", path])
    try #require(result.status == 0, "\(result.error)")
    let screen = try String(contentsOfFile: path, encoding: .utf8)
    for text in expected { #expect(screen.contains(text), "\(text)") }
    if steps > 3 { #expect(!screen.contains("embedding")) }
    #expect(steps > 3 || !screen.contains("std per channel"))
  }

  @Test("E shows the numbers of both halves of the prior's prediction") func halves() throws {
    let folder = try TemporaryFolder(), path = folder.path + "/screen.txt"
    let result = try Program.run(
      ["snapshot"] + Self.run + ["--keys", "home right right E", "--size", "120x40", "--output", path])
    try #require(result.status == 0, "\(result.error)")
    let screen = try String(contentsOfFile: path, encoding: .utf8)
    #expect(screen.contains("with - without") && screen.contains("an embedding") && !screen.contains("not yet"))
  }

  @Test("an animation has the pictures of two stages at one size, and none of the prior") func animation() throws {
    let folder = try TemporaryFolder(), paths = ["run", "image", "sheet"].map { "\(folder.path)/\($0).png" }
    let result = try Program.run(
      ["generate"] + Self.run + ["--animation", paths[0], "--output", paths[1], "--contact-sheet", paths[2]]
        + ["--scale", "2"])
    try #require(result.status == 0, "\(result.error)")
    func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }
    let animation = try APNGFile(bytes(paths[0])), image = try PNGPixels(bytes(paths[1]))
    // The noise and four steps of the decoder, the noise and two steps of the super-resolution.
    #expect(animation.frames.count == 8 && animation.frames.allSatisfy { $0.width == 32 && $0.height == 32 })
    func isEnlarged(_ frame: PNGPixels, _ scale: Int) -> Bool {
      (0..<32).allSatisfy { y in
        (0..<32).allSatisfy { frame[$0, y] == frame[$0 / scale * scale, y / scale * scale] }
      }
    }
    let pixels = animation.frames.map(\.pixels)
    #expect(pixels.prefix(5).allSatisfy { isEnlarged($0, 4) } && pixels.suffix(3).allSatisfy { isEnlarged($0, 2) })
    #expect(pixels.suffix(3).allSatisfy { !isEnlarged($0, 4) } && Set(pixels.map(\.bytes)).count == 8)
    for y in 0..<16 { for x in 0..<16 { #expect(pixels[7][2 * x, 2 * y] == image[x, y]) } }
    // Eight columns of two pictures each.
    let sheet = try PNGPixels(bytes(paths[2]))
    #expect(sheet.width == 2 + 8 * (32 + 2) && sheet.height > 2 * 32)
  }

  @Test(
    "branches in every stage, in receipts and in the explorer",
    arguments: ["1,prior-steps=5", "3,seed=7", "5,guidance_scale=1.5,super_res_steps=3", "8,weights=bfloat16"])
  func branches(branch: String) throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/run.json", path = folder.path + "/screen.txt"
    let run = Self.run + ["--branch", branch]
    let report = try Program.report(["generate", "--json"] + run + ["--receipt", receipt])
    let plain = try Program.report(["generate", "--json"] + Self.run)
    func hash(_ report: [String: Any]) -> String? { (report["images"] as? [String: Any])?["sha256"] as? String }
    #expect(hash(report) != nil && hash(report) != hash(plain))
    let verified = try Program.run(["verify", receipt, "--device", "cpu:portable", "--threads", "1"])
    #expect(verified.status == 0 && verified.output.hasPrefix("equal: "), "\(verified.output)\(verified.error)")
    let step = branch.prefix { $0 != "," }, keys = Array(repeating: "right", count: Int(step) ?? 0)
    let result = try Program.run(
      ["snapshot"] + run + ["--keys", keys.joined(separator: " "), "--size", "120x40", "--output", path])
    try #require(result.status == 0, "\(result.error)")
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("branched at step \(step)"))
  }

  @Test("B in the decoder goes another way, beside the run, with the steps that it has") func branching() throws {
    let folder = try TemporaryFolder(), path = folder.path + "/screen.txt"
    let keys = "right right right right B down down 6 enter right"
    let result = try Program.run(
      ["snapshot"] + Self.run + ["--keys", keys, "--size", "160x40", "--output", path])
    try #require(result.status == 0, "\(result.error)")
    let screen = try String(contentsOfFile: path, encoding: .utf8)
    #expect(screen.contains("branch at 4: 6 steps") && screen.contains("decoder "), "\(screen)")
    let late = try Program.run(["generate"] + Self.run + ["--branch", "4,prior_steps=5"])
    #expect(late.status == 64 && late.error.contains("branch at step 4: prior_steps is for the prior"), "\(late.error)")
  }

  @Test("makes variations of a picture, and verifies them") func variation() throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/run.json", picture = folder.path + "/made.png"
    let model = "\(Fixtures.folder)/unclip-variation"
    let run = ["\(model)/model", "--seed", "0", "--steps", "3", "--super-res-steps", "2"]
    let report = try Program.report(
      ["generate", "--json"] + run + ["--image", "\(model)/wide.png", "--receipt", receipt, "--output", picture])
    #expect((report["images"] as? [String: Any])?["shape"] as? [Int] == [1, 16, 16, 3])
    #expect((report["picture"] as? [String: Any])?["sha256"] is String)
    let verified = try Program.run(["verify", receipt])
    #expect(verified.status == 0 && verified.output.hasPrefix("equal: 5 steps, final sha256 "), "\(verified.error)")
    let without = try Program.run(["generate"] + run)
    #expect(without.status == 64 && without.error.contains("init_image: the model makes variations of a picture"))
    let keys = ["snapshot"] + run + ["--image", "\(model)/wide.png", "--keys", "home right", "--size", "120x40"]
    let screen = try Program.run(keys + ["--output", folder.path + "/screen.txt"])
    #expect(screen.status == 0, "\(screen.error)")
    #expect(try String(contentsOfFile: folder.path + "/screen.txt", encoding: .utf8).contains("decoder 1/3, timestep"))
  }
}
