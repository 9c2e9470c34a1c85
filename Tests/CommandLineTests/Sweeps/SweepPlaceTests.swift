import ArgumentParser
import CommandLineKit
import DiffusionCore
import Foundation
import TestSupport
import Testing

/// Sweeps whose shards are started from different folders, and grids without their models.
@Suite("Where a sweep is started") struct SweepPlaceTests {
  private let folder: TemporaryFolder
  private let plan: String

  init() throws {
    folder = try TemporaryFolder()
    plan = folder.path + "/study/faces.toml"
    for name in ["study", "study/models", "elsewhere"] {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
    }
    for name in ["base", "refiner"] {
      let path = "\(folder.path)/study/models/\(name)"
      try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/sdxl/\(name)", toPath: path)
    }
    let text = """
      model = "models/base"
      refiner = "models/refiner"
      prompt = "red heart"
      steps = 3
      [[axis]]
      seed = "0-2"
      """
    try text.write(toFile: plan, atomically: false, encoding: .utf8)
  }

  private func sweep(_ name: String, from directory: String, plan: String, shard: String) throws {
    let result = try Program.run(
      ["sweep", plan, "--output", "\(folder.path)/\(name)", "--shard", shard],
      directory: "\(folder.path)/\(directory)")
    try #require(result.status == 0, "\(result.error)")
  }

  private func model(ofReceipt path: String) throws -> String {
    try Receipt(contentsOf: "\(folder.path)/\(path)").model.id
  }

  /// Shards into folders of their own, each started from another folder.
  private func sweepThreeWays() throws {
    try sweep("a", from: "study", plan: "faces.toml", shard: "1/3")
    try sweep("b", from: "elsewhere", plan: "../study/faces.toml", shard: "2/3")
    try sweep("c", from: ".", plan: plan, shard: "3/3")
  }

  @Test("receipts name the models as the plan does, merge, and verify from every folder") func places() throws {
    try sweepThreeWays()
    #expect(
      try ["a/cells/00/0000.json", "b/cells/00/0001.json", "c/cells/00/0002.json"].map { try model(ofReceipt: $0) }
        == ["models/base", "models/base", "models/base"])
    let merged = try Program.run(
      ["sweep", "merge"] + ["a", "b", "c"].map { "\(folder.path)/\($0)" } + ["--output", folder.path + "/m"])
    #expect(merged.status == 0 && merged.output.hasPrefix("3 of 3 cells from 3 folders\n"), "\(merged.error)")
    for directory in ["study", "elsewhere", "."] {
      for target in ["a", "b", "c", "b/cells/00/0001.json"] {
        let verified = try Program.run(
          ["verify", "\(folder.path)/\(target)"], directory: "\(folder.path)/\(directory)")
        #expect(verified.status == 0, "\(target) from \(directory): \(verified.output)\(verified.error)")
      }
    }
    let inside = try Program.run(["verify", "0001.json"], directory: "\(folder.path)/b/cells/00")
    #expect(inside.status == 0 && inside.output.hasPrefix("equal: 3 steps"), "\(inside.error)")
  }

  @Test("shards of one folder go on from another place, and find nothing changed") func oneFolder() throws {
    try sweep("both", from: "study", plan: "faces.toml", shard: "1/2")
    try sweep("both", from: "elsewhere", plan: "../study/faces.toml", shard: "2/2")
    let again = try Program.run(["sweep", plan, "--output", "\(folder.path)/both"], directory: "/")
    #expect(again.output.hasSuffix("0 made, 3 found and verified\n"), "\(again.output)\(again.error)")
  }

  @Test("models that have moved are named, for a folder of receipts") func moved() throws {
    try sweep("a", from: "study", plan: "faces.toml", shard: "1/3")
    try FileManager.default.moveItem(atPath: "\(folder.path)/study/models", toPath: "\(folder.path)/models-2")
    let lost = try Program.run(["verify", "\(folder.path)/a"])
    #expect(lost.status == 1 && lost.output.contains("models/base: not in the cache"), "\(lost.output)")
    let names = ["\(folder.path)/models-2/base", "--refiner", "\(folder.path)/models-2/refiner"]
    let found = try Program.run(["verify", "\(folder.path)/a"] + names)
    #expect(found.status == 0 && found.output.contains("equal: 1 of 1 receipts"), "\(found.output)\(found.error)")
  }

  @Test("a plan of the built-in model has no path in its file") func builtIn() throws {
    try "steps = 2\n".write(toFile: plan, atomically: false, encoding: .utf8)
    try sweep("plain", from: "study", plan: "faces.toml", shard: "1/1")
    let text = try String(contentsOfFile: "\(folder.path)/plain/plan.json", encoding: .utf8)
    #expect(!text.contains("folder") && !text.contains(folder.path))
  }

  @Test("the grid of a folder needs no model, and asks for it beside the plan") func grid() throws {
    try sweep("a", from: "study", plan: "faces.toml", shard: "1/3")
    let options = try ExploreOptions.parse(["--sweep", "\(folder.path)/a"])
    let request = try options.request(drawSeed: { 0 })
    #expect(request.showsCells && request.run.model.name.hasSuffix("/study/models/base"))
    #expect(request.run.settings.refiner?.name.hasSuffix("/study/models/refiner") == true)
    func launcher(_ request: ExploreRequest) -> ExplorerLauncher {
      ExplorerLauncher(request: request, environment: [:]) { model, _ in
        throw DiffusionError(.missingInput, "\(model.name): no such folder")
      }
    }
    try launcher(request).checkInputs()
    let others = try ExploreOptions.parse(["--sweep", "\(folder.path)/a", "--seed", "1"]).request(drawSeed: { 0 })
    #expect(!others.showsCells)
    #expect(throws: DiffusionError(.missingInput, "ddpm-emoji-32: no such folder")) {
      try launcher(others).checkInputs()
    }
  }
}
