import Foundation
import Testing

/// `--receipt` of the commands that drive the explorer.
@Suite struct ExplorerReceiptTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/run.json"
  }

  private func snapshot(keys: String, _ options: [String] = []) throws -> Program.Result {
    let run = ["snapshot", "--seed", "3", "--steps", "2", "--keys", keys]
    return try Program.run(run + ["--receipt", path, "--output", folder.path + "/s.txt"] + options)
  }

  /// The seeds of the receipt.
  private func seeds() throws -> [Int]? {
    let receipt = try JSONSerialization.jsonObject(with: Data(folder.bytes("run.json"))) as? [String: Any]
    return (receipt?["settings"] as? [String: Any])?["seeds"] as? [Int]
  }

  private func verify() throws -> Program.Result { try Program.run(["verify", path]) }

  @Test func aSnapshotWritesThatOfTheRunInFocus() throws {
    #expect(try snapshot(keys: "end").status == 0)
    #expect(try verify().status == 0)
    #expect(try seeds() == [3])
    #expect(try snapshot(keys: "end c tab tab").status == 0)
    #expect(try seeds() == [4])
    #expect(try folder.contents == ["run.json", "s.txt"])
  }

  /// It is the file that `generate` writes, except for the device and the versions.
  @Test func isTheReceiptOfGenerate() throws {
    #expect(try snapshot(keys: "end").status == 0)
    let other = folder.path + "/other.json"
    #expect(try Program.run(["generate", "--seed", "3", "--steps", "2", "--receipt", other]).status == 0)
    #expect(try folder.bytes("run.json") == folder.bytes("other.json"))
  }

  @Test func aSnapshotOfAnUnfinishedRunHasNone() throws {
    let result = try snapshot(keys: "right")
    #expect(result.status == 64)
    #expect(result.error.contains("--receipt: \(path) is not written") && result.error.contains("1 of 2 steps"))
    #expect(result.error.count { $0 == "\n" } == 1)
    #expect(try folder.contents == [])
  }

  /// A run stops at its first NaN: here in step 1, where alpha-bar, by which the prediction is divided, is 0.
  @Test func aRunThatStopsAtNaNGoesOnWithAnotherEnd() throws {
    let options = ["rescale_betas_zero_snr=true", "clip_sample=false", "prediction_type=epsilon"]
      .flatMap { ["--scheduler-option", $0] }
    let stopped = try snapshot(keys: "end", options)
    #expect(stopped.status == 64)
    let place = "NaN or infinity first at step 1 (timestep 999), made by "
    #expect(stopped.error.contains("1 of 2 steps: it stopped at \(place)"))
    #expect(stopped.error.hasSuffix(": add another end to --keys to go on\n"))
    #expect(try snapshot(keys: "end end", options).status == 0)
    #expect(try verify().status == 0)
  }

  @Test func plainModeWritesItWhenTheRunIsDone() throws {
    let arguments = ["--plain", "--seed", "3", "--steps", "2", "--receipt", path]
    let result = try Program.run(arguments, input: "step\nend\nstats\n")
    #expect(result.status == 0 && result.error == "")
    #expect(result.output.contains("Step 2 of 2") && result.output.components(separatedBy: "wrote ").count == 2)
    #expect(try verify().status == 0)
    try FileManager.default.removeItem(atPath: path)
    let early = try Program.run(arguments, input: "step\n")
    #expect(early.status == 0)
    #expect(
      early.error
        == "diffusion-tui: \(path) is not written: a receipt is of a finished run, "
        + "and the one in focus has 1 of 2 steps\n"
    )
    #expect(try folder.contents == [])
  }

  @Test(arguments: [
    (["--receipt", "/none/run.json"], 73, "/none/run.json: cannot be created: there is no folder /none"),
    (["--receipt", "run.txt"], 64, "--receipt: 'run.txt' has an unknown ending: expected a file name with .json"),
    (["--receipt", "/dev/null/run.json"], 73, "/dev/null/run.json"),
  ]) func anImpossibleFileIsAnErrorBeforeTheScreen(arguments: [String], status: Int32, message: String) throws {
    for command in [["explore"], ["explore", "--plain"], ["snapshot", "--output", folder.path + "/s.txt"]] {
      let result = try Program.run(command + arguments)
      #expect(result.status == status)
      #expect(result.output == "")
      #expect(result.error.contains(message) && result.error.count { $0 == "\n" } == 1, "\(result.error)")
    }
  }

  /// The folder exists when the program starts, and is gone when the run is done.
  @Test func aFileThatCannotBeWrittenAtTheEndIsAnError() throws {
    let inner = folder.path + "/inner"
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
    let said = folder.path + "/said"
    let script = """
      printf 'step\\n'
      until grep -q 'Step 1 of 2' '\(said)' 2>&-; do :; done
      rmdir '\(inner)'
      printf 'end\\n'
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let program = try Program.path
    process.arguments = [
      "-c",
      "(\(script)) | '\(program)' --plain --no-session --seed 0 --steps 2 --receipt '\(inner)/run.json' > '\(said)'",
    ]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 73)
    #expect(text.hasPrefix("diffusion-tui: \(inner)/run.json: cannot be created"))
    #expect(text.count { $0 == "\n" } == 1)
  }
}
