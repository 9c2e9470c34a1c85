import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The built program runs from pictures, and verifies what it wrote about them.
@Suite("Runs from a picture, by the program")
struct PictureReceiptTests {
  private let folder: TemporaryFolder
  private var picture: String { folder.path + "/cat.png" }
  private var receipt: String { folder.path + "/r.json" }
  private static let fixtures = Fixtures.folder + "/pictures/"

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: Self.fixtures + "rgb8.png", toPath: folder.path + "/cat.png")
    let made = try Program.run([
      "generate", "--seed", "3", "--steps", "4", "--image", folder.path + "/cat.png", "--strength", "0.5", "--receipt",
      folder.path + "/r.json",
    ])
    try #require(made.status == 0, "\(made.error)")
  }

  private func object(_ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test("a receipt has the picture's name and hash, and verifies on every device")
  func equal() throws {
    let receipt = try object(receipt)
    let record = try #require(receipt["picture"] as? [String: String])
    #expect(try record == ["name": picture, "sha256": ContentHash.sha256(contentsOf: picture)])
    let settings = try #require(receipt["settings"] as? [String: Any])
    #expect(settings["init_image"] as? String == picture && settings["strength"] as? Double == 0.5)
    for device in [[], ["--device", "cpu:reference", "--threads", "1"]] {
      let result = try Program.run(["verify", self.receipt] + device)
      #expect(result.status == 0 && result.output.hasPrefix("equal: 2 steps, final sha256 "), "\(result)")
    }
  }

  @Test("another picture is named as the difference, before anything runs")
  func changed() throws {
    try FileManager.default.removeItem(atPath: picture)
    try FileManager.default.copyItem(atPath: Self.fixtures + "grey8.png", toPath: picture)
    let result = try Program.run(["verify", receipt])
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("differs: the picture differs: \(picture) has sha256 "), "\(result.output)")
    let json = try Program.run(["verify", receipt, "--json"])
    let report = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(report["steps"] as? Int == 0)
    #expect((report["differences"] as? [[String: Any]])?.map { $0["place"] as? String } == ["picture"])
  }

  @Test("a picture that is gone is found beside the receipt, or by --image")
  func moved() throws {
    let other = folder.path + "/other"
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
    try FileManager.default.moveItem(atPath: picture, toPath: other + "/cat.png")
    let missing = try Program.run(["verify", receipt])
    #expect(missing.status == 66)
    #expect(missing.error.contains("\(picture): no such file; the receipt names it"))
    #expect(missing.error.contains("give its location with --image"))
    #expect(try Program.run(["verify", receipt, "--image", other + "/cat.png"]).status == 0)
    try FileManager.default.moveItem(atPath: receipt, toPath: other + "/r.json")
    #expect(try Program.run(["verify", other + "/r.json"]).status == 0)
  }

  @Test("a receipt without the picture's hash, and a picture for a run from noise, are refused")
  func unusable() throws {
    var object = try object(receipt)
    object["picture"] = nil
    try JSONSerialization.data(withJSONObject: object).write(to: URL(fileURLWithPath: receipt))
    let result = try Program.run(["verify", receipt])
    #expect(result.status == 65 && result.error.contains("picture is missing: expected the name and sha256 of"))
    let plain = folder.path + "/plain.json"
    #expect(try Program.run(["generate", "--seed", "3", "--steps", "1", "--receipt", plain]).status == 0)
    #expect(try self.object(plain)["picture"] == nil)
    let refused = try Program.run(["verify", plain, "--image", picture])
    #expect(refused.status == 64 && refused.error.contains("started from noise alone"))
  }

  @Test("generate says what it started from, and --json has it")
  func report() throws {
    let arguments = ["generate", "--seed", "3", "--steps", "4", "--image", "demo", "--strength", "0.5"]
    let table = try Program.run(arguments)
    #expect(table.output.contains("demo, strength 0.5: 2 steps of 4"), "\(table.output)")
    let json = try Program.report(arguments + ["--json"])
    #expect((json["picture"] as? [String: String])?["name"] == "demo")
    #expect((json["timesteps"] as? [Any])?.count == 2)
    let again = try Program.report(arguments + ["--json", "--batch-size", "2", "--image", "1"])
    let hashes = [json, again].map { ($0["images"] as? [String: Any])?["sha256"] as? String }
    #expect(hashes[0] == hashes[1] && hashes[0] != nil)
  }

  @Test(
    "pictures that cannot be read give one line and their status",
    arguments: [
      ("/no/such.png", 66, "no such file"), ("/", 65, "not a regular file"), ("/dev/null", 65, "not a regular"),
    ])
  func refused(path: String, status: Int32, message: String) throws {
    let commands = [["generate"], ["snapshot", "--output", folder.path + "/s.txt"], ["explore", "--plain"]]
    for command in commands {
      let result = try Program.run(command + ["--seed", "0", "--image", path])
      #expect(result.status == status && result.error.hasPrefix("diffusion-tui: \(path): "), "\(result)")
      #expect(result.error.contains(message) && result.error.filter { $0 == "\n" }.count == 1)
    }
  }

  @Test("the explorer shows the picture with noise at step 0, and its line makes the same image")
  func explorer() throws {
    let run = ["--seed", "3", "--steps", "4", "--image", picture, "--strength", "0.5"]
    let screen = folder.path + "/s.txt", again = folder.path + "/s.json"
    let start = try Program.run(["snapshot"] + run + ["--output", screen])
    #expect(start.status == 0, "\(start.error)")
    let text = try String(contentsOfFile: screen, encoding: .utf8)
    for words in ["noised picture, timestep", "step 0/2", "picture cat.png 0.5"] { #expect(text.contains(words)) }
    let end = try Program.run(["snapshot"] + run + ["--keys", "end", "--receipt", again, "--output", screen])
    #expect(end.status == 0, "\(end.error)")
    func bare(_ path: String) throws -> NSDictionary {
      var object = try object(path)
      object["computed_by"] = nil
      return object as NSDictionary
    }
    let (mine, its) = (try bare(receipt), try bare(again))
    for key in ["picture", "settings", "result", "scheduler", "model"] {
      #expect((mine[key] as? NSDictionary) == (its[key] as? NSDictionary), "\(key)")
    }
    let plain = try Program.run(["explore", "--plain"] + run, input: "settings\nquit\n")
    #expect(plain.output.contains("the noised picture before timestep"), "\(plain.output)")
    #expect(plain.output.contains("from cat.png, strength 0.5"), "\(plain.output)")
  }
}
