import CommandLineKit
import DiffusionCore
import Foundation
import Testing

@Suite("A file of runs or a receipt") struct TextInputTests {
  private let folder: TemporaryFolder
  private let base = RunRequest(settings: RunSettings(threads: 1))
  private var path: String { folder.path + "/in.toml" }

  init() throws { folder = try TemporaryFolder() }

  /// Writes bytes into a pipe from another thread, as far as its reader takes them.
  private func feed(_ bytes: [UInt8]) throws {
    signal(SIGPIPE, SIG_IGN)
    try #require(mkfifo(path, 0o600) == 0)
    Thread.detachNewThread { [path] in
      let handle = FileHandle(forWritingAtPath: path)
      try? handle?.write(contentsOf: Data(bytes))
      try? handle?.close()
    }
  }

  @Test("may come from a pipe") func pipe() throws {
    try feed(Array("[[run]]\nseed = 5\n".utf8))
    #expect(try RunsFile(contentsOf: path, base: base).runs.map { $0.settings.seeds } == [[5]])
  }

  @Test("is limited to 16 MB, from a pipe and in a file", arguments: [true, false])
  func limit(isPipe: Bool) throws {
    let text = Array(repeating: UInt8(ascii: "\n"), count: 17 << 20)
    if isPipe { try feed(text) } else { try Data(text).write(to: URL(fileURLWithPath: path)) }
    let found = isPipe ? "more" : "\(17 << 20)"
    #expect(throws: DiffusionError(.badData, "\(path): expected at most 16 MB, 16777216 bytes, found \(found)")) {
      try RunsFile(contentsOf: path, base: base)
    }
  }

  @Test("is no device") func device() throws {
    #expect(throws: DiffusionError(.badData, "/dev/zero: not a regular file but a device")) {
      try RunsFile(contentsOf: "/dev/zero", base: base)
    }
  }

  @Test("may come from standard input", arguments: ["-", "/dev/stdin"])
  func standardInput(name: String) throws {
    let source = name == "-" ? "standard input" : name
    let runs = try Program.run(["snapshot", "--compare", name, "--output", folder.path + "/o.txt"], input: "[[[")
    #expect(runs.status == 65)
    #expect(runs.error == "diffusion-tui: \(source): line 1, column 3: expected a key, found '['\n")
    let receipt = try Program.run(["verify", name], input: "{\n  \"kind\": 1 2}")
    #expect(receipt.status == 65)
    #expect(receipt.error.hasPrefix("diffusion-tui: \(source): not a receipt: not valid JSON: line 2, column 13: "))
  }

  @Test("that does not come ends with Ctrl-C", arguments: ["verify", "snapshot"])
  func interrupted(command: String) throws {
    try #require(mkfifo(path, 0o600) == 0)
    let arguments = command == "verify" ? [path] : ["--compare", path, "--output", folder.path + "/o.txt"]
    let result = try Program.run([command] + arguments) { process in
      // The program has started when it waits for the pipe; until then the signal ends it all the same.
      Thread.sleep(forTimeInterval: 1)
      #expect(process.isRunning)
      process.interrupt()
    }
    #expect(result.wasSignalled && result.status == SIGINT && result.error == "")
  }
}
