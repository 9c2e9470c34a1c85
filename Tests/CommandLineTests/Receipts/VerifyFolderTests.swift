import CommandLineKit
import DiffusionCore
import Foundation
import TestSupport
import Testing

/// What `verify` says of a folder of receipts.
@Suite struct VerifyFolderTests {
  private func made(_ text: String = SweepScene.plan, _ arguments: [String] = []) throws -> SweepScene {
    let scene = try SweepScene(text)
    let result = try Program.run(["sweep", scene.plan, "--output", scene.path("a")] + arguments)
    try #require(result.status == 0, "\(result.error)")
    return scene
  }

  private func report(_ scene: SweepScene, _ arguments: String...) throws -> [String: Any] {
    let result = try Program.run(["verify", scene.path("a"), "--json"] + arguments)
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  @Test("differences are in the order of paths, though not found in it") func order() throws {
    let scene = try made()
    for cell in 0..<6 { try scene.rewrite("a", cell, isOther: true) }
    let result = try Program.run(["verify", scene.path("a")])
    let lines = result.output.split(separator: "\n").prefix(6)
    #expect(result.status == 1 && result.output.contains("\nequal: 0 of 6 receipts"), "\(result.output)")
    for (cell, line) in lines.enumerated() {
      #expect(line.hasPrefix("differs: \(scene.file("a", cell)): the images differ"), "\(line)")
    }
    let found = try report(scene)["differences"] as? [[String: Any]]
    #expect(found?.map { $0["receipt"] as? String } == (0..<6).map { scene.file("a", $0) })
    #expect(found?.allSatisfy { Set($0.keys) == ["receipt", "difference"] } == true)
  }

  @Test("a model that is missing, or that changed, is said once for all of its receipts") func missingModel() throws {
    let models = try TemporaryFolder(), model = models.path + "/model"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/four-levels", toPath: model)
    let scene = try made("model = \"\(model)\"\n\(SweepScene.plan)"), first = scene.file("a", 0)
    let weights = model + "/unet/diffusion_pytorch_model.safetensors"
    var bytes = try Data(contentsOf: URL(filePath: weights))
    bytes[bytes.count - 4] ^= 1
    try bytes.write(to: URL(filePath: weights))
    func differences() throws -> [Substring] {
      let result = try Program.run(["verify", scene.path("a")])
      #expect(result.status == 1 && result.output.contains("equal: 0 of 6 receipts"))
      return result.output.split(separator: "\n").filter { $0.hasPrefix("differs: ") }
    }
    let changed = try differences()
    #expect(changed.count == 1 && changed[0].hasPrefix("differs: \(first) and 5 others: the model differs: "))
    try FileManager.default.removeItem(atPath: model)
    let lost = try differences()
    #expect(lost.count == 1 && lost[0].hasPrefix("differs: \(first) and 5 others: ") && lost[0].contains(model))
    #expect((try report(scene)["differences"] as? [Any])?.count == 6)
    try scene.rewrite("a", 4, isOther: true)
    try "{\"kind\": \"diffusion-tui receipt\"}".write(toFile: scene.file("a", 1), atomically: false, encoding: .utf8)
    let both = try differences(), damaged = "differs: \(scene.file("a", 1)): "
    #expect(both.count == 2, "\(both)")
    #expect(both.contains { $0.hasPrefix(damaged) && !$0.dropFirst(damaged.count).contains(scene.file("a", 1)) })
  }

  @Test("other engines and demonstrations are noted once, with the number of receipts") func notes() throws {
    let scene = try made(SweepScene.plan, ["--device", "cpu:reassociated", "--threads", "1"])
    try scene.rewrite("a", 2, engine: "0")
    try scene.rewrite("a", 5, engine: "0")
    let result = try Program.run(
      ["verify", scene.path("a"), "--device", "cpu:reassociated", "--threads", "1"])
    #expect(result.status == 0, "\(result.output)")
    let notes = result.output.split(separator: "\n").filter { $0.hasPrefix("note: ") }
    #expect(notes.count == 3, "\(result.output)")
    #expect(notes[0].hasPrefix("note: checked with cpu:reassociated --threads 1, a demonstration outside of the"))
    let demonstration = "note: \(scene.file("a", 0)) and 3 others: the receipt was made by cpu:reassociated"
    #expect(notes.contains { $0.hasPrefix(demonstration) })
    let engine = "note: \(scene.file("a", 2)) and 1 other: the receipt was made by version 0 of the engine"
    #expect(notes.contains { $0.hasPrefix(engine) })
    let report = try report(scene, "--device", "cpu:reassociated", "--threads", "1")
    #expect(report["notes"] as? [String] == notes.map { String($0.dropFirst("note: ".count)) })
  }

  @Test("scripts get makers as objects, and the device that checked") func makers() throws {
    let scene = try made(SweepScene.plan, ["--device", "cpu:portable"])
    try scene.rewrite("a", 2, engine: "0")
    let report = try report(scene)
    #expect((report["engine"] as? [String: Any])?["device"] as? String == "cpu")
    let makers = try #require(report["makers"] as? [[String: Any]])
    let lines = try #require(report["made_by"] as? [String])
    #expect(makers.count == 2 && lines.count == 2)
    for (maker, line) in zip(makers, lines) {
      let machine = try #require(maker["machine"] as? String), count = try #require(maker["count"] as? Int)
      #expect(line.hasPrefix("made by \(machine)") && line.hasSuffix(": \(count)"))
      #expect(maker["device"] is String && maker["isa"] is String && maker["engine"] is String)
      #expect(maker["program_version"] is String && maker["demonstration"] == nil)
    }
    let former = try #require(makers.first { $0["machine"] as? String == "node7" })
    #expect(former["engine"] as? String == "0" && former["count"] as? Int == 1)
    let other = try #require(makers.first { $0["machine"] as? String != "node7" })
    #expect(other["device"] as? String == "cpu:portable" && other["count"] as? Int == 5)
  }
}
