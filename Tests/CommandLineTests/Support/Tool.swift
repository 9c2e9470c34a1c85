import DiffusionCore
import Foundation

/// System programs that tests can use if they are installed.
enum Tool {
  /// The path of the first of these programs that exists, in the order of the names.
  static func find(_ names: String...) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Runs a program and returns its standard output.
  ///
  /// - Throws: An error if it cannot be started or ends with a status other than 0.
  static func output(of path: String, _ arguments: [String]) throws -> Data {
    let folder = try TemporaryFolder()
    let files = [folder.path + "/output", folder.path + "/error"].map(URL.init(fileURLWithPath:))
    for file in files { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let error = try String(contentsOf: files[1], encoding: .utf8)
      throw DiffusionError(.unavailable, "\(path) \(arguments): status \(process.terminationStatus): \(error)")
    }
    return try Data(contentsOf: files[0])
  }
}
