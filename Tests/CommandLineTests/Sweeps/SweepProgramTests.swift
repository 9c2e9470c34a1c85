import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import Glibc
import TestSupport
import Testing

/// The built program sweeps, goes on, and merges.
@Suite struct SweepProgramTests {
  private let folder: TemporaryFolder
  private let plan: String

  init() throws {
    folder = try TemporaryFolder()
    plan = folder.path + "/faces.toml"
    try write(Self.text)
  }

  private static let text = """
    steps = 2
    [[axis]]
    seed = "3-5"
    [[axis]]
    scheduler = ["ddim", "euler"]
    """

  private func write(_ text: String) throws { try text.write(toFile: plan, atomically: false, encoding: .utf8) }

  private func sweep(
    _ name: String, _ arguments: String..., environment: [String: String] = [:], limits: String? = nil
  ) throws -> Program.Result {
    try Program.run(
      ["sweep", plan, "--output", "\(folder.path)/\(name)"] + arguments, environment: environment, limits: limits)
  }

  private func table(_ names: String...) throws -> (csv: [UInt8], json: [UInt8], output: String) {
    let output = folder.path + "/merged-\(names.joined(separator: "-"))"
    let result = try Program.run(["sweep", "merge"] + names.map { "\(folder.path)/\($0)" } + ["--output", output])
    try #require(result.status == 0, "\(result.error)")
    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: "\(output)/\(name)"))) }
    #expect(try bytes("sheet.png").starts(with: [0x89, 0x50]))
    return (try bytes("table.csv"), try bytes("table.json"), result.output)
  }

  @Test("shards in folders of their own give the table of the whole, byte for byte, and that of runs alone")
  func shards() throws {
    let whole = try sweep("whole")
    #expect(whole.status == 0 && whole.error == "", "\(whole.error)")
    #expect(
      whole.output == "6 cells: seed 3 x scheduler 2\n6 cells in \(folder.path)/whole: 6 made, 0 found and verified\n")
    for shard in 1...3 {
      let result = try sweep("s\(shard)", "--shard", "\(shard)/3", "--threads", "1")
      #expect(result.output.hasPrefix("shard \(shard) of 3: cells \(2 * shard - 2) to \(2 * shard - 1)\n"))
    }
    let one = try table("whole"), three = try table("s1", "s2", "s3")
    #expect(one.csv == three.csv && one.json == three.json)
    #expect(three.output.hasPrefix("6 of 6 cells from 3 folders\nmade by "))
    let text = String(decoding: one.csv, as: UTF8.self)
    let alone = try Program.generate("--seed", "4", "--steps", "2", "--scheduler", "euler")
    let images = try #require(alone["images"] as? [String: Any]), hash = try #require(images["sha256"] as? String)
    #expect(text.contains("3,4,euler,1,32,32,\(hash),"))
  }

  @Test("a cell with a NaN is marked on the sheet, and is no picture in the grid")
  func nonFinite() throws {
    try write(
      """
      steps = 2
      seed = 0
      scheduler-options = { rescale_betas_zero_snr = true, clip_sample = false, prediction_type = "epsilon" }
      [[axis]]
      eta = [0, 0.5]
      """)
    let result = try sweep("nan")
    #expect(result.status == 1 && result.error.hasSuffix("2 of 2 cells have a NaN or an infinity\n"), "\(result.error)")
    _ = try table("nan")
    let sheet = try PictureFiles().open(PictureReference(folder.path + "/merged-nan/sheet.png"))
    guard case .bits8(let bytes) = sheet.samples else {
      Issue.record("the sheet has no 8 bits")
      return
    }
    let alarm: [UInt8] = [255, 120, 120]
    #expect(stride(from: 0, to: bytes.count, by: 3).contains { Array(bytes[$0..<$0 + 3]) == alarm })
    let opened = try SweepFolder(opening: folder.path + "/nan")
    var board = SweepBoard(opened, base: RunRequest(settings: RunSettings(threads: 1)))
    let found = SweepFinding(board.newWatch([0, 1]), known: []) { try PictureFiles().open(PictureReference($0)) }
    #expect(found.pictures.isEmpty && found.failures[0] == "the image has a NaN or an infinity")
  }

  @Test("another start makes what is missing or damaged, and verifies the rest")
  func resuming() throws {
    #expect(try sweep("a").status == 0)
    let before = try table("a"), cells = folder.path + "/a/cells/00"
    try FileManager.default.removeItem(atPath: cells + "/0001.json")
    try FileManager.default.removeItem(atPath: cells + "/0002.png")
    try Data("{".utf8).write(to: URL(filePath: cells + "/0003.json"))
    try FileManager.default.copyItem(atPath: cells + "/0000.png", toPath: cells + "/new.png")
    try FileManager.default.removeItem(atPath: cells + "/0004.png")
    try FileManager.default.moveItem(atPath: cells + "/new.png", toPath: cells + "/0004.png")
    let merged = try Program.run(["sweep", "merge", folder.path + "/a"])
    #expect(merged.status == 66 || merged.status == 65)
    let again = try sweep("a")
    #expect(again.status == 0 && again.output.hasSuffix("4 made, 2 found and verified\n"), "\(again.output)")
    #expect(again.error.contains("cell 4 is made again") && again.error.contains("0002.png: no such file"))
    let after = try table("a")
    #expect(before.csv == after.csv && before.json == after.json)
  }

  @Test("a plan that changed is refused with what differs, and so is a receipt of another run")
  func changed() throws {
    #expect(try sweep("a", "--shard", "1/6").status == 0)
    try write(Self.text.replacing("steps = 2", with: "steps = 3"))
    let result = try sweep("a")
    #expect(result.status == 65 && result.error.contains("steps was 2, is 3"), "\(result.error)")
    #expect(try sweep("b", "--shard", "1/6").status == 0)
    let merged = try Program.run(
      ["sweep", "merge", folder.path + "/a", folder.path + "/b", "--output", folder.path + "/m"])
    #expect(merged.status == 65 && merged.error.contains("of another sweep than"))
    let file = "/cells/00/0000.json"
    try FileManager.default.removeItem(atPath: folder.path + "/a" + file)
    try FileManager.default.copyItem(atPath: folder.path + "/b" + file, toPath: folder.path + "/a" + file)
    try write(Self.text)
    let foreign = try sweep("a")
    #expect(foreign.status == 65 && foreign.error.contains("steps is 3, expected 2"), "\(foreign.error)")
  }

  @Test("a model that changed is refused in a finished folder too; without its model the folder is whole")
  func changedModel() throws {
    let model = folder.path + "/model"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/four-levels", toPath: model)
    try write("model = \"model\"\n\(Self.text)")
    #expect(try sweep("a").status == 0)
    let weights = model + "/unet/diffusion_pytorch_model.safetensors"
    var bytes = try Data(contentsOf: URL(filePath: weights))
    bytes[bytes.count - 4] ^= 1
    try bytes.write(to: URL(filePath: weights))
    let changed = try sweep("a")
    #expect(changed.status == 65, "\(changed.error)")
    #expect(changed.error.contains("changed: unet/diffusion_pytorch_model.safetensors"), "\(changed.error)")
    let verified = try Program.run(["verify", folder.path + "/a"])
    #expect(verified.status == 1 && verified.output.contains("equal: 0 of 6 receipts"), "\(verified.output)")
    try FileManager.default.removeItem(atPath: model)
    #expect(try sweep("a").output.hasSuffix("0 made, 6 found and verified\n"))
    let lost = try Program.run(["verify", folder.path + "/a"])
    #expect(lost.status == 1 && lost.output.contains("no such folder"), "\(lost.output)\(lost.error)")
  }

  @Test(
    "a cell that cannot be is named before any is made",
    arguments: [(#"["ddim", "pndm"]"#, "steps = 2"), (#"["ddim", "unclip"]"#, "steps = 4")])
  func impossible(schedulers: String, steps: String) throws {
    try write("\(steps)\n[[axis]]\nscheduler = \(schedulers)\n")
    let result = try sweep("a")
    #expect(result.status == 65 && result.error.contains("cell 1 (scheduler "), "\(result.error)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/a/cells").isEmpty)
  }

  @Test("missing cells are counted and named; --partial takes what is there")
  func missing() throws {
    #expect(try sweep("a", "--shard", "1/2").status == 0)
    let result = try Program.run(["sweep", "merge", folder.path + "/a"])
    #expect(
      result.status == 66 && result.error.contains("3 of 6 cells are missing, the first is 3 (seed 4, scheduler euler)")
    )
    let partial = try Program.run(["sweep", "merge", folder.path + "/a", "--partial"])
    #expect(partial.status == 0 && partial.output.hasPrefix("3 of 6 cells from 1 folder\n"), "\(partial.error)")
  }

  @Test("a full disk and a limit on files are one line")
  func fullDisk() throws {
    let result = try sweep("a", limits: "ulimit -f 2")
    #expect(!result.wasSignalled && result.status == 74 && result.error.contains("File too large"), "\(result.error)")
    #expect(result.error.filter { $0 == "\n" }.count == 1)
    #expect(try sweep("a").status == 0)
  }

  @Test("two processes share the work on one folder")
  func twoProcesses() throws {
    var second: Program.Result?
    let first = try Program.run(
      ["sweep", plan, "--output", folder.path + "/both"],
      whileRunning: { _ in second = try sweep("both") })
    #expect(first.status == 0 && second?.status == 0, "\(first.error)\(second?.error ?? "")")
    #expect(try sweep("both").output.hasSuffix("0 made, 6 found and verified\n"))
    _ = try sweep("whole")
    #expect(try table("both").csv == table("whole").csv)
  }

  @Test("Ctrl-C leaves a folder that another start completes")
  func interrupted() throws {
    try write(Self.text.replacing("3-5", with: "3-40"))
    let stopped = try Program.run(
      ["sweep", plan, "--output", folder.path + "/a"],
      whileRunning: { process in
        usleep(900_000)
        kill(process.processIdentifier, SIGINT)
      })
    #expect(stopped.wasSignalled && stopped.status == SIGINT, "\(stopped.error)")
    #expect(stopped.error == "" || stopped.error.contains("the same command does the others"))
    #expect(try sweep("a").status == 0)
    _ = try sweep("b")
    #expect(try table("a").csv == table("b").csv)
  }

  @Test("verify takes a folder of receipts, in shards, and names who made them")
  func verifyFolder() throws {
    #expect(try sweep("a").status == 0)
    let path = folder.path + "/a", all = try Program.run(["verify", path])
    #expect(all.status == 0 && all.output.contains("equal: 6 of 6 receipts in \(path)\n"), "\(all.output)\(all.error)")
    #expect(all.output.contains("made by ") && all.output.contains("verified with cpu"))
    let part = try Program.run(["verify", path, "--shard", "2/2", "--device", "cpu:portable"])
    #expect(part.output.hasPrefix("shard 2 of 2\nequal: "), "\(part.output)")
    let receipt = path + "/cells/00/0002.json", text = try String(contentsOfFile: receipt, encoding: .utf8)
    try text.replacing("\"eta\" : 0", with: "\"eta\" : 0.5").write(toFile: receipt, atomically: false, encoding: .utf8)
    let changed = try Program.run(["verify", path])
    #expect(changed.status == 1 && changed.output.contains("differs: \(receipt): the receipt was changed"))
    #expect(changed.output.contains("equal: 5 of 6 receipts"))
    let json = try Program.run(["verify", path, "--json"])
    #expect(json.status == 1 && json.output.contains("\"made_by\" : ["))
    let deep = folder.path + "/deep" + String(repeating: "/d", count: 20)
    try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: path + "/cells/00/0001.json", toPath: deep + "/r.json")
    #expect(try Program.run(["verify", folder.path + "/deep"]).output.contains("equal: 1 of 1 receipts"))
    let single = try Program.run(["verify", receipt, "--shard", "1/2"])
    #expect(single.status == 64 && single.error.contains("leave it out"))
  }
}
