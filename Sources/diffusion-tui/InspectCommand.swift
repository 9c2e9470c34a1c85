import ArgumentParser
import CommandLineKit
import DiffusionCore
import FoundationEssentials

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model's configuration, layers, parameters, memory and work for a step.")

  @OptionGroup var options: InspectOptions

  func run() throws {
    let report = try ModelOpening.open(
      options.model, device: .cpu, threads: 1, environment: ProcessInfo.processInfo.environment
    ).inspectReport()
    try DescriptorStream.standardOutput.write(options.json ? report.json() : report.table)
  }
}
