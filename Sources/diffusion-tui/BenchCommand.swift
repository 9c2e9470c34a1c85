import ArgumentParser
import CommandLineKit
import FoundationEssentials

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure a model's forward passes and layers and the machine's peak, or the screen.",
    usage: "diffusion-tui bench [<model>] [<options>]")

  @OptionGroup var options: BenchOptions

  func run() throws {
    let interruption = Interruption()
    let environment = ProcessInfo.processInfo.environment
    let request = try options.request(environment: environment)
    let source = try ModelOpening.source(request.model, environment: environment)
    if request.measuresScreen {
      let report = try ScreenBenchJob(request: request, checkCancellation: interruption.check).run(source)
      return try DescriptorStream.standardOutput.write(request.format == .json ? report.json() : report.table)
    }
    let report = try BenchJob(
      request: request, warn: DescriptorStream.standardError.warn, checkCancellation: interruption.check
    ).run(source)
    try DescriptorStream.standardOutput.write(request.format == .json ? report.json() : report.table)
  }
}
