import ArgumentParser
import CommandLineKit
import DiffusionCore
import FoundationEssentials

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Repeat the run of a receipt, and say whether every bit is the same.",
    usage: "diffusion-tui verify <receipt or dir> [<model>] [<options>]",
    discussion: """
      Exit status: 0 if everything is equal; 1 if something differs, which is then named: a change to the receipt, a \
      file of the model, or the first tensor that differs, and by how much.
      """)

  @OptionGroup var options: VerifyOptions

  func run() throws {
    let interruption = Interruption()
    let environment = ProcessInfo.processInfo.environment
    if options.namesFolder { return try verifyFolder(environment, interruption) }
    let request = try options.request(environment: environment)
    DescriptorStream.standardError.warn(request.warnings)
    let source = try request.source { try ModelOpening.source($0, environment: environment) }
    let start = try request.start(ModelOpening.picture)
    let progress = ProgressLine(on: .standardError)
    let job = VerifyJob(
      request: request,
      model: try ReceiptModel(hashing: source, checkCancellation: interruption.check),
      picture: start.picture?.record, progress: progress, checkCancellation: interruption.check)
    let settings = request.settings
    let report = try job.run {
      let pipeline = try ModelOpening.load(
        source, device: settings.device, threads: settings.threads, weights: settings.weights, progress: progress,
        checkCancellation: interruption.check)
      DescriptorStream.standardError.warn(pipeline.warnings)
      return VerifyJob.Opened(
        scheduler: { try ReceiptScheduler(pipeline.firstScheduler(for: $0)) },
        start: { try pipeline.run($0, from: start) })
    }
    try DescriptorStream.standardOutput.write(request.format == .json ? report.json() : report.table)
    if !report.equal { throw ExitCode(1) }
  }
  /// Verifies all receipts of a folder.
  private func verifyFolder(_ environment: [String: String], _ interruption: Interruption) throws {
    let request = try options.folderRequest(environment: environment)
    if request.format == .table { try DescriptorStream.standardOutput.write(VerifyFolderReport.heading(request)) }
    let job = VerifyFolderJob(
      request: request,
      open: { run in
        try ModelOpening.batchModel(
          run, environment: environment, format: .line, checkCancellation: interruption.check)
      },
      picture: ModelOpening.picture, line: SweepProgressLine(on: .standardError, format: .line),
      checkCancellation: interruption.check)
    let report = try job.run()
    try DescriptorStream.standardOutput.write(request.format == .json ? report.json() : report.table)
    if !report.equal { throw ExitCode(1) }
  }
}
