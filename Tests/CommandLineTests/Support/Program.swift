import DiffusionCore
import Foundation

/// The built program, next to the test executable.
enum Program {
  /// The result of a run of the program.
  struct Result {
    let status: Int32
    /// Whether a signal ended it; `status` is then the signal's number.
    let wasSignalled: Bool
    let output: String
    let error: String
  }

  /// The path of the program.
  static var path: String {
    get throws {
      let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let folders = [test, CommandLine.arguments[0]].map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
      guard let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: $0 + "/diffusion-tui") })
      else { throw DiffusionError(.missingInput, "diffusion-tui: not beside the tests in \(folders)") }
      return folder + "/diffusion-tui"
    }
  }

  /// Runs the program to its end. Its output goes to files, so that it cannot block the program.
  ///
  /// - Parameters:
  ///   - input: The contents of standard input.
  ///   - environment: Variables in addition to those of the tests.
  ///   - directory: The working folder; nil for that of the tests.
  ///   - limits: Commands of a shell that sets limits first: `ulimit -f 8`.
  ///   - whileRunning: Called with the process id once it runs.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], directory: String? = nil,
    limits: String? = nil, whileRunning: (Process) throws -> Void = { _ in }
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let files = [folder.path + "/output", folder.path + "/error"]
    for file in files { try Data().write(to: URL(fileURLWithPath: file)) }
    let handles = try files.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0)) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: limits == nil ? try path : "/bin/sh")
    let shell = limits.map { ["-c", "ulimit -c 0; \($0); exec \"$0\" \"$@\""] }
    process.arguments = try shell.map { try $0 + [path] + arguments } ?? arguments
    // Without the user's own settings or sessions, and without a network.
    let own = [
      "XDG_CONFIG_HOME": folder.path + "/config", "XDG_STATE_HOME": folder.path + "/state", "HF_HUB_OFFLINE": "1",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }.merging(environment) { $1 }
    process.standardInput = try inputHandle(input, in: folder)
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    try process.run()
    try whileRunning(process)
    process.waitUntilExit()
    let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
    return Result(
      status: process.terminationStatus, wasSignalled: process.terminationReason == .uncaughtSignal, output: texts[0],
      error: texts[1])
  }

  private static func inputHandle(_ text: String, in folder: TemporaryFolder) throws -> FileHandle {
    guard !text.isEmpty else { return FileHandle.nullDevice }
    let path = folder.path + "/input"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
  }

  /// Runs `generate` with `--json` and decodes its output.
  static func generate(_ arguments: String..., environment: [String: String] = [:]) throws -> [String: Any] {
    try report(["generate", "--json"] + arguments, environment: environment)
  }

  /// Runs a command that prints one JSON object, and decodes it.
  static func report(_ arguments: [String], environment: [String: String] = [:]) throws -> [String: Any] {
    let result = try run(arguments, environment: environment)
    guard result.status == 0,
      let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    else { throw DiffusionError(.badData, "\(arguments): status \(result.status): \(result.error)") }
    return report
  }
}
