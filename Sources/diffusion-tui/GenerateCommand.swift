import ArgumentParser
import CommandLineKit
import DiffusionCore
import FoundationEssentials

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Make images, print what every step did, and write files.",
    usage: "diffusion-tui generate [<model>] [<options>]",
    discussion: "Exit status: 1 if an image has a NaN or an infinity, which is then said; its files are still written.")

  @OptionGroup var options: GenerateOptions

  func run() throws {
    // Before the outputs are tried, so that a signal never leaves a temporary file behind.
    let interruption = Interruption()
    let environment = ProcessInfo.processInfo.environment
    let request = try options.request(drawSeed: RandomSeed.draw, environment: environment)
    let settings = request.settings
    let start: RunStart = try settings.initImage.map { .picture(try ModelOpening.picture($0)) } ?? .noise
    let progress = ProgressLine(on: .standardError, format: request.progress)
    let model = try ModelOpening.open(
      RunRequest(model: request.model, settings: settings), environment: environment, progress: progress,
      format: request.progress, checkCancellation: interruption.check)
    let receipt = try request.exports.receipt.map { _ in
      try ReceiptHeading(
        model.source, programVersion: ProgramVersion.current, checkCancellation: interruption.check)
    }
    let engine = EngineReport(
      version: EngineVersion.current, isa: settings.device.instructionSet, threads: settings.threads,
      demonstration: settings.demonstration)
    if request.reportsPrecision {
      return try reportPrecision(request, of: model, from: start, engine, progress, interruption)
    }
    let job = GenerateJob(
      request: request, model: model.name, engine: engine, receipt: receipt,
      progress: progress, write: DescriptorStream.standardOutput.write, checkCancellation: interruption.check)
    let run = try model.pipeline.run(request.settings(for: model.pipeline.schedulerSource), from: start)
    DescriptorStream.standardError.warn(run.tokenizedPrompts.compactMap(\.truncationWarning) + run.idleSettings)
    let report = try job.run(run)
    if let error = report.nonFiniteImages { throw error }
  }

  private func reportPrecision(
    _ request: GenerateRequest, of model: OpenedModel, from start: RunStart, _ engine: EngineReport,
    _ progress: ProgressLine, _ interruption: Interruption
  ) throws {
    let settings = try request.settings(for: model.pipeline.schedulerSource)
    let study = try PrecisionStudy(model.pipeline, settings, from: start) { opening in
      try interruption.check()
      progress.show(opening)
    }
    let run = study.exactRun
    DescriptorStream.standardError.warn(run.tokenizedPrompts.compactMap(\.truncationWarning) + run.idleSettings)
    let report = try PrecisionJob(
      request: request, model: model.name, engine: engine, progress: progress,
      write: DescriptorStream.standardOutput.write, checkCancellation: interruption.check
    ).run(study)
    if let error = report.nonFiniteImages { throw error }
  }
}
