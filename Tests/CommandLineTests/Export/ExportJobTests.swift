import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Testing

@Suite("A run that writes files about its steps")
struct ExportJobTests {
  private static let heading = ReceiptHeading(
    model: ReceiptModel(id: "scripted", files: []),
    programVersion: "1.2.3")

  private func arguments(_ folder: TemporaryFolder) -> [String] {
    [
      "--contact-sheet", "\(folder.path)/s.png", "--animation", "\(folder.path)/a.png", "--csv", "\(folder.path)/t.csv",
      "--receipt", "\(folder.path)/r.json", "--scale", "2",
    ]
  }

  private func job(_ arguments: [String], check: @escaping @Sendable () throws -> Void = {}) throws -> GenerateJob {
    GenerateJob(
      request: try GenerateOptions.parse(arguments).request(drawSeed: { 7 }), model: "scripted",
      engine: EngineReport(version: "1", isa: "none", threads: 1), receipt: Self.heading,
      progress: ProgressLine(isTerminal: false) { _ in }, checkCancellation: check)
  }

  @Test("each file describes the same run")
  func files() throws {
    let folder = try TemporaryFolder(), run = try ScriptedRun()
    let report = try job(arguments(folder)).run(run)
    #expect(try folder.contents == ["a.png", "r.json", "s.png", "t.csv"])
    let frames = try APNGFile(folder.bytes("a.png")).frames
    #expect(frames.count == 4)
    #expect((frames[0].width, frames[0].height) == (4, 4))
    #expect(try frames[0].pixels == PNGPixels(run.initialNoise.shownPNG(scale: 2)))
    let sheet = try PNGPixels(folder.bytes("s.png"))
    #expect((sheet.width, sheet.height) == (2 + 4 * 8, 2 + 10 + 4 + 2 + 4 + 2))
    let receipt = try Receipt(json: folder.bytes("r.json"), source: "r.json")
    let table = CSVFile(String(decoding: try folder.bytes("t.csv"), as: UTF8.self))
    #expect(receipt.result.steps.map(\.prevSample.sha256) == table.column("prev_sample_sha256"))
    #expect(receipt.result.steps.map(\.modelOutput.sha256) == table.column("model_output_sha256"))
    #expect(receipt.result.timesteps == [900, 600, 300])
    #expect(try report.json().text.contains(receipt.result.images.sha256))
    for name in ["a.png", "r.json", "s.png", "t.csv"] {
      #expect(report.table.text.contains("wrote \(folder.path)/\(name)\n"))
    }
  }

  @Test("a batch has a sheet and an animation for each image")
  func batch() throws {
    let folder = try TemporaryFolder()
    _ = try job(arguments(folder)).run(try ScriptedRun(shape: [2, 3, 2, 2]))
    #expect(try folder.contents == ["a-0.png", "a-1.png", "r.json", "s-0.png", "s-1.png", "t.csv"])
    #expect(try folder.bytes("a-0.png") != folder.bytes("a-1.png"))
  }

  @Test("a run that fails or is stopped leaves no file", arguments: [true, false])
  func discarded(fails: Bool) throws {
    let folder = try TemporaryFolder(), asked = Lines()
    let failure = fails ? DiffusionError(.badData, "no") : nil
    let job = try job(arguments(folder)) {
      asked.append("")
      if !fails, asked.all.count > 4 { throw CancellationError() }
    }
    #expect(throws: (any Error).self) { try job.run(try ScriptedRun(failure: failure)) }
    #expect(try folder.contents.isEmpty)
  }
}
