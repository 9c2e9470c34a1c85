import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import Testing

@Suite("Verifying a receipt")
struct VerifyJobTests {
  private static let model = ReceiptModel(id: "m", files: [ReceiptModel.File(name: "weights", sha256: "00")])
  private static let scheduler = ReceiptScheduler(name: "ddim", config: DDIMSchedulerConfig().values)

  private func receipt(engine: String = EngineVersion.current) throws -> Receipt {
    var run = try ScriptedRun()
    let noise = ReceiptTensor(run.initialNoise)
    var steps: [ReceiptStep] = [], sample = run.initialNoise
    while run.completedSteps < run.schedule.count {
      let step = try run.step(progress: nil)
      steps.append(ReceiptStep(step))
      sample = step.prevSample
    }
    return try Receipt(
      computedBy: ReceiptComputer(run.settings, engineVersion: engine, programVersion: "1.2.3"), model: Self.model,
      scheduler: Self.scheduler, settings: ReceiptSettings(run.settings),
      result: ReceiptResult(
        initialNoise: noise, steps: steps, images: ReceiptResult.Images(sample.imagesFromSamples())))
  }

  private func job(
    _ receipt: Receipt, model: ReceiptModel = model, lines: Lines = Lines(),
    options: [String] = [],
    check: @escaping @Sendable () throws -> Void = {}
  ) throws -> VerifyJob {
    let folder = try TemporaryFolder(), path = folder.path + "/r.json"
    try Data(receipt.json()).write(to: URL(fileURLWithPath: path))
    let request = try VerifyOptions.parse([path, "--threads", "3"] + options).request()
    return VerifyJob(
      request: request, model: model, progress: ProgressLine(isTerminal: true, write: lines.append),
      checkCancellation: check)
  }

  @Test("a check with a demonstration says that it is one")
  func demonstration() throws {
    let report = try job(receipt(), options: ["--device", "cpu:reassociated"]).run(scripted(try ScriptedRun()))
    #expect(report.equal)
    #expect(report.table.text.hasPrefix("note: checked with cpu:reassociated --threads 3, a demonstration outside of"))
    #expect(report.table.text.contains("says nothing about the engine's bits\nequal: 3 steps"))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json().text.utf8)) as? [String: Any])
    let engine = try #require(json["engine"] as? [String: Any])
    #expect((engine["demonstration"] as? String)?.hasPrefix("sums in another order") == true)
    #expect((json["notes"] as? [String])?.count == 1)
  }

  private func scripted(_ run: ScriptedRun) -> () throws -> VerifyJob.Opened {
    { VerifyJob.Opened(scheduler: { _ in run.schedulerRecord }, start: { _ in run }) }
  }

  @Test("equal runs are reported, with their steps and their hash")
  func equal() throws {
    let receipt = try receipt(), lines = Lines()
    let report = try job(receipt, lines: lines).run(scripted(try ScriptedRun()))
    #expect(report.equal)
    #expect(report.table.text == "equal: 3 steps, final sha256 \(receipt.result.images.sha256)\n")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json().text.utf8)) as? [String: Any])
    #expect(json["equal"] as? Bool == true)
    #expect(json["steps"] as? Int == 3)
    #expect((json["differences"] as? [Any])?.isEmpty == true)
    #expect((json["engine"] as? [String: Any])?["threads"] as? Int == 3)
    #expect(lines.all.contains { $0.contains("step 3/3") })
    #expect(lines.all.last == "\r\u{1B}[K")
  }

  @Test("the run stops at the first tensor that differs")
  func differs() throws {
    let other = try job(receipt()).run(scripted(try ScriptedRun(shape: [2, 3, 2, 2])))
    #expect(!other.equal)
    #expect(other.table.text.hasPrefix("differs: the initial noise differs by abs_sum "))
    #expect(other.table.text.filter { $0 == "\n" }.count == 1)
  }

  @Test("a different model is not run")
  func otherModel() throws {
    let changed = ReceiptModel(id: "m", files: [ReceiptModel.File(name: "weights", sha256: "ff")])
    let report = try job(receipt(), model: changed).run {
      Issue.record("the model was opened")
      throw CancellationError()
    }
    #expect(!report.equal)
    #expect(report.table.text == "differs: the model differs: weights of m has sha256 ff, the receipt's has 00\n")
  }

  @Test("a different scheduler is not run")
  func otherScheduler() throws {
    var config = DDIMSchedulerConfig()
    config.clipSample = false
    var run = try ScriptedRun(failure: DiffusionError(.usage, "a step was taken"))
    run.schedulerRecord = ReceiptScheduler(name: "ddim", config: config.values)
    let report = try job(receipt()).run(scripted(run))
    #expect(try report.json().text.contains(#""steps" : 0"#))
    #expect(report.table.text == "differs: the scheduler differs: clip_sample is false, the receipt's is true\n")
  }

  @Test("a different scheduler is named before its settings, which are the other one's")
  func otherSchedulerFirst() throws {
    let other = ReceiptScheduler(name: "euler", config: [:])
    let report = try job(receipt()).run {
      VerifyJob.Opened(scheduler: { _ in other }, start: { _ in throw DiffusionError(.usage, "too many steps") })
    }
    #expect(report.table.text == "differs: the scheduler differs: it is euler, the receipt's is ddim\n")
  }

  @Test("a different engine is reported first, and is not a difference")
  func otherEngine() throws {
    let report = try job(receipt(engine: "0")).run(scripted(try ScriptedRun()))
    #expect(report.equal)
    #expect(report.table.text.hasPrefix("note: the receipt was made by version 0 of the engine"))
    #expect(report.table.text.contains("\nequal: 3 steps"))
  }

  @Test("settings that no run can have are an error of the receipt")
  func impossible() throws {
    let job = try job(receipt())
    let error = try #require(throws: DiffusionError.self) {
      try job.run {
        VerifyJob.Opened(
          scheduler: { _ in Self.scheduler }, start: { _ in throw DiffusionError(.usage, "too many steps") })
      }
    }
    #expect(error.kind == .badData)
    #expect(error.message.hasSuffix("r.json: settings: too many steps"))
  }

  @Test("it can be stopped between two blocks of the model")
  func cancelled() throws {
    let asked = Lines()
    let job = try job(receipt()) {
      asked.append("")
      if asked.all.count > 3 { throw CancellationError() }
    }
    #expect(throws: CancellationError.self) { try job.run(scripted(try ScriptedRun())) }
  }
}
