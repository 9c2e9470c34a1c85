import ArgumentParser
import CommandLineKit
import DiffusionCore
import FoundationEssentials

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a model's configuration, layers, parameters, memory and operations per step.")

  @OptionGroup var options: InspectOptions

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let settings = try options.settings(environment: environment)
    let report = try ModelOpening.open(
      RunRequest(model: options.modelReference, settings: settings), environment: environment
    ).inspectReport(of: settings)
    try DescriptorStream.standardOutput.write(options.json ? report.json() : report.table)
  }
}
