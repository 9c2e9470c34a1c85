import Foundation
import Glibc
import TestSupport
import Testing

/// Limits on memory, and sizes that no machine has: one line and a status, never a dump.
@Suite struct MemoryLimitTests {
  private func expectRefusal(_ result: Program.Result, _ arguments: [String]) {
    #expect(!result.wasSignalled && result.status == 69, "\(arguments): \(result.status) \(result.error)")
    #expect(result.error.hasPrefix("diffusion-tui: ") && result.error.contains("out of memory"))
    #expect(result.error.filter { $0 == "\n" }.count == 1, "\(result.error)")
  }

  @Test(arguments: [
    ["randn", "--shape", "268435456", "--seed", "0"],
    ["randn", "--shape", "4,8192,4096", "--seed", "0", "--dtype", "float64"],
    ["generate", "--seed", "0", "--steps", "1", "--batch-size", "4096"],
  ])
  func whatDoesNotFitIsRefused(arguments: [String]) throws {
    expectRefusal(try Program.run(arguments, limits: "ulimit -v 1048576"), arguments)
  }

  /// The explorer keeps the tensors of every step.
  @Test func aRunOfTheExplorerThatDoesNotFitIsRefused() throws {
    let folder = try TemporaryFolder()
    let runs = folder.path + "/runs.toml"
    try "[[run]]\nseed = 1\nsteps = 1000\nbatch-size = 64\n".write(toFile: runs, atomically: true, encoding: .utf8)
    let arguments = ["explore", "--plain", "--compare", runs]
    expectRefusal(try Program.run(arguments, limits: "ulimit -v 1048576"), arguments)
  }

  /// A text's shape decides the sizes of buffers, not how many tensors a step makes.
  @Test func aRunWithAPromptTakesWhatItNeeds() throws {
    let result = try Program.run(
      ["generate", "--prompt", "pizza", "--seed", "0", "--steps", "1", "--height", "128", "--width", "128"],
      limits: "ulimit -v 1048576")
    #expect(result.status == 0, "\(result.error)")
  }

  /// Weights are mapped, which takes address space of their size.
  @Test func weightsThatCannotBeMappedAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/diffusion_pytorch_model.safetensors"
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    truncate(path, 4 << 30)
    try #"{"_class_name": "UNet2DModel"}"#.write(
      toFile: folder.path + "/config.json", atomically: true, encoding: .utf8)
    let arguments = ["inspect", folder.path], result = try Program.run(arguments, limits: "ulimit -v 1048576")
    expectRefusal(result, arguments)
    #expect(result.error.contains("needs 4294 MB of address space"), "\(result.error)")
  }

  /// Between a limit that is too low to start and one that is high enough, nothing aborts.
  @Test(arguments: [300, 350, 400, 450, 500, 600])
  func atEveryLimitThereIsAResultOrALine(megabytes: Int) throws {
    let commands = [
      ["generate", "--seed", "0", "--steps", "2", "--batch-size", "96"],
      ["randn", "--shape", "24000000", "--seed", "0"], ["randn", "--shape", "3,8000000", "--seeds", "0,1,2"],
    ]
    for arguments in commands {
      let result = try Program.run(arguments, limits: "ulimit -v \(megabytes * 1024)")
      if !result.wasSignalled, result.status == 0 { continue }
      expectRefusal(result, arguments)
    }
  }

  /// What is read and written as a whole: texts of JSON, screens, animations.
  @Test(arguments: [216, 228, 240, 260, 280])
  func textsAndPicturesAtEveryLimit(megabytes: Int) throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/r.json"
    try "{\"a\":[\(String(repeating: "1,", count: 1_150_000))1]}".write(
      toFile: receipt, atomically: true, encoding: .utf8)
    let commands = [
      ["verify", receipt],
      ["snapshot", "--seed", "0", "--steps", "1", "--size", "1000x1000", "--output", folder.path + "/o.svg"],
      ["generate", "--seed", "0", "--steps", "20", "--scale", "32", "--animation", folder.path + "/a.png"],
    ]
    for arguments in commands {
      let result = try Program.run(arguments, limits: "ulimit -v \(megabytes * 1024)")
      #expect(!result.wasSignalled, "\(arguments): \(result.status) \(result.error)")
      if result.status == 69 { expectRefusal(result, arguments) }
    }
  }

  @Test func aTextOfMillionsOfValuesIsRefused() throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/r.json"
    try "{\"a\":[\(String(repeating: "1,", count: 7_000_000))1]}".write(
      toFile: receipt, atomically: true, encoding: .utf8)
    let result = try Program.run(["verify", receipt])
    #expect(result.status == 65 && result.error.contains("has 7000000 commas between values"), "\(result.error)")
  }

  @Test(arguments: ["2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "1e30", "-1"])
  func hugeOptionsAreRefused(value: String) throws {
    let places = [
      ["generate", "--steps"], ["generate", "--batch-size"], ["generate", "--threads"],
      ["generate", "--multiprocessors"], ["generate", "--contact-sheet", "a.png", "--scale"], ["randn", "--shape"],
      ["randn", "--calls"], ["bench", "--repeats"], ["bench", "--batch-size"], ["snapshot", "--gallery"],
      ["snapshot", "--size"],
    ]
    for place in places {
      let name = place.last ?? ""
      let arguments = place.dropLast() + ["\(name)=\(name == "--size" ? "\(value)x\(value)" : value)"]
      let result = try Program.run(Array(arguments))
      #expect(!result.wasSignalled && result.status == 64, "\(arguments): \(result.status) \(result.error)")
      #expect(result.error.filter { $0 == "\n" }.count == 1, "\(arguments): \(result.error)")
    }
  }

  /// Counting the work of a sample that large overflowed.
  @Test func inspectCountsWhatNoIntegerHolds() throws {
    let folder = try TemporaryFolder()
    let model = folder.path + "/model"
    try FileManager.default.copyItem(
      atPath: "\(Fixtures.folder)/../../Sources/DemoModel/ddpm-emoji-32", toPath: model)
    let path = model + "/unet/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("\"sample_size\": 32", with: "\"sample_size\": 1048576")
      .write(toFile: path, atomically: true, encoding: .utf8)
    for arguments in [["inspect", model], ["inspect", model, "--json"]] {
      let result = try Program.run(arguments)
      #expect(!result.wasSignalled && result.status == 0, "\(result.error)")
      #expect(result.output.contains("1048576"))
    }
    let run = try Program.run(["generate", model, "--seed", "0", "--steps", "1"])
    #expect(!run.wasSignalled && [64, 69].contains(run.status), "\(run.error)")
    #expect(run.error.filter { $0 == "\n" }.count == 1)
  }
}
