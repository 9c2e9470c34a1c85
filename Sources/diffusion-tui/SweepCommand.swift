import ArgumentParser
import CommandLineKit
import DiffusionCore
import FoundationEssentials

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run a grid of settings into a folder, on one machine or many.",
    usage: "diffusion-tui sweep <plan> [<options>]",
    discussion: """
      A second start does the cells that are missing and verifies those that are there. Exit status: 1 if an image has \
      a NaN or an infinity.
      """,
    subcommands: [SweepRunCommand.self, SweepMergeCommand.self],
    defaultSubcommand: SweepRunCommand.self)
}

struct SweepRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Do the cells of a plan; the command without another word.",
    usage: "diffusion-tui sweep <plan> [<options>]")

  @OptionGroup var options: SweepOptions

  func run() throws {
    let interruption = Interruption()
    let environment = ProcessInfo.processInfo.environment
    let request = try options.request(environment: environment)
    try DescriptorStream.standardOutput.write(request.heading)
    let cpuinfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let job = SweepJob(
      request: request, machine: .named(cpuinfo: cpuinfo),
      open: { run in
        try ModelOpening.batchModel(
          run, beside: request.modelFolder, environment: environment, format: request.progress,
          checkCancellation: interruption.check)
      },
      digests: {
        try ModelOpening.digests(
          of: $0, beside: request.modelFolder, environment: environment, checkCancellation: interruption.check)
      },
      picture: ModelOpening.picture, warn: DescriptorStream.standardError.warn,
      line: SweepProgressLine(on: .standardError, format: request.progress), checkCancellation: interruption.check)
    let report = try job.run()
    try DescriptorStream.standardOutput.write(report.result)
    if let error = report.nonFiniteImages { throw error }
  }
}

struct SweepMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Check the receipts of a sweep, and write a table and a contact sheet.",
    usage: "diffusion-tui sweep merge <dir> ... [<options>]",
    discussion: """
      Every digest is checked; two receipts of one cell must agree to the bit. The same sweep gives the same table, \
      byte for byte, however it was shared out.
      """)

  @OptionGroup var options: SweepMergeOptions

  func run() throws {
    let interruption = Interruption()
    let line = SweepProgressLine(on: .standardError, format: try options.progressFormat())
    let merge = SweepMerge(
      request: try options.request(), warn: DescriptorStream.standardError.warn, line: line,
      checkCancellation: interruption.check)
    try DescriptorStream.standardOutput.write(merge.run().text)
  }
}
