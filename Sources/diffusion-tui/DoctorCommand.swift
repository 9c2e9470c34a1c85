import ArgumentParser
import CommandLineKit
import DemoModel
import DiffusionCore
import FoundationEssentials

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show the paths, the terminal, the processor and the devices, and why a device is missing.",
    discussion: "Exit status: 0 if every check passes, 1 if one fails.")

  @OptionGroup var options: DoctorOptions

  func run() throws {
    let process = ProcessInfo.processInfo
    let cpuinfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let report = Doctor(
      environment: process.environment, cpuinfo: cpuinfo, threads: process.activeProcessorCount,
      sources: ModelReference.builtInNames.map(DemoModel.source(named:)), expectedHashes: DemoModel.sha256
    ).report()
    try DescriptorStream.standardOutput.write(options.json ? report.json() : report.table)
    if !report.isWell { throw ExitCode(1) }
  }
}
