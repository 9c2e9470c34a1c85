import CommandLineKit
import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The help of the built program, compared with `Tests/Fixtures/CommandLine`, which `record-help.sh` there records.
@Suite struct HelpTests {
  @Test(arguments: [
    "", "explore", "lesson", "generate", "sweep", "sweep run", "sweep merge", "randn", "inspect", "snapshot", "bench",
    "verify", "models", "models pull", "models rm", "doctor",
  ])
  func helpIsAsRecorded(command: String) throws {
    let name = command.isEmpty ? "help.txt" : "help-\(command.replacing(" ", with: "-")).txt"
    let recorded = try String(contentsOfFile: "\(Fixtures.folder)/CommandLine/\(name)", encoding: .utf8)
    let result = try Program.run(command.split(separator: " ").map(String.init) + ["--help"])
    #expect(result.status == 0)
    #expect(result.error == "")
    #expect(result.output == recorded)
  }

  /// Its recorded help is that of `sweep` with the arguments of `sweep run`, which `sweep PLAN.toml` takes.
  @Test(
    "sweep --help has what sweep takes, however it is asked for", arguments: ["sweep -h", "-h sweep", "help sweep"])
  func helpOfACommandWithADefaultOne(arguments: String) throws {
    let recorded = try String(contentsOfFile: "\(Fixtures.folder)/CommandLine/help-sweep.txt", encoding: .utf8)
    #expect(recorded.contains("\n  <plan>") && recorded.contains("\n  --shard <i/n>"))
    let result = try Program.run(arguments.split(separator: " ").map(String.init))
    #expect(result.status == 0 && result.error == "" && result.output == recorded)
    // The help of its commands and the refusal of unknown ones stay.
    #expect(try Program.run(["help", "sweep", "merge"]).output.contains("--columns"))
    #expect(try Program.run(["help", "sweep", "mege"]).error.contains("did you mean merge?"))
  }

  @Test(arguments: ["--version", "generate --version"])
  func versionIsThreeNumbersThenTheBuild(arguments: String) throws {
    let result = try Program.run(arguments.split(separator: " ").map(String.init))
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // Scripts read the first line.
    #expect(lines[0] == ProgramVersion.current && lines[0].wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
    #expect(lines.map { $0.prefix(8) } == [lines[0].prefix(8), "engine  ", "build   ", "sha256  ", "devices ", ""])
    #expect(lines[1].hasSuffix("  \(EngineVersion.current)"))
    #expect(lines[3].hasSuffix(try ContentHash.sha256(contentsOf: Program.path)))
    #expect(lines[4].contains("cpu (\(Device.cpu.instructionSet))") && lines[4].contains("cpu:reference"))
  }

  @Test func aClosedPipeIsNotAnError() throws {
    let pipe = Pipe()
    let errors = Pipe()
    try pipe.fileHandleForReading.close()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Program.path)
    process.arguments = ["generate", "--help"]
    process.standardOutput = pipe
    process.standardError = errors
    try process.run()
    try errors.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
    #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
  }

  @Test func aFullDiskIsAnError() throws {
    let errors = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Program.path)
    process.arguments = ["--help"]
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    process.standardError = errors
    try process.run()
    try errors.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 74)
    let line = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(line == "diffusion-tui: standard output: cannot be written: No space left on device\n")
  }
}
