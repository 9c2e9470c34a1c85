import ArgumentParser
import CommandLineKit
import FoundationEssentials

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure a model's forward passes and layers, and the machine.",
    usage: "diffusion-tui bench [<model>] [<options>]")

  @OptionGroup var options: BenchOptions

  func run() throws {
    let interruption = Interruption()
    let environment = ProcessInfo.processInfo.environment
    let request = try options.request(environment: environment)
    let source = try ModelOpening.source(request.model, environment: environment)
    let report = try BenchJob(request: request, checkCancellation: interruption.check).run(source)
    try DescriptorStream.standardOutput.write(request.format == .json ? report.json() : report.table)
  }
}
