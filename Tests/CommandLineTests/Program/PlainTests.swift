import Foundation
import Testing

/// The built program in plain mode.
@Suite struct PlainTests {
  @Test func answersThroughAPipe() throws {
    let result = try Program.run(
      ["--plain", "--seed", "0", "--steps", "2"], input: "step\nstats\nnonsense\nend\nhash\n")
    #expect(result.status == 0)
    #expect(result.error == "")
    #expect(result.output.contains("Step 1 of 2, timestep "))
    #expect(result.output.contains("standard deviation"))
    #expect(result.output.contains("Error: there is no command 'nonsense'"))
    #expect(result.output.unicodeScalars.allSatisfy { $0 == "\n" || (0x20...0x7E).contains($0.value) })
  }

  @Test func endsInTheSameBitsAsGenerate() throws {
    let spoken = try Program.run(["--plain", "--seed", "5", "--steps", "3"], input: "end\n").output
    let report = try Program.generate("--seed", "5", "--steps", "3")
    let sum = try #require(report["abs_sum"] as? Double)
    #expect(spoken.contains("its absolute sum is \(String(format: "%.3f", sum)),"))
  }

  @Test func endsWithTheInputOrAtQuit() throws {
    for input in ["", "quit\nstep\n"] {
      let result = try Program.run(["--plain", "--seed", "0", "--steps", "2"], input: input)
      #expect(result.status == 0)
      #expect(!result.output.contains("Step 1"))
    }
  }

  @Test func aBrokenConfigurationIsOneLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/diffusion-tui/config.toml"
    try FileManager.default.createDirectory(atPath: folder.path + "/diffusion-tui", withIntermediateDirectories: true)
    try "[keys]\nquit = \n".write(toFile: path, atomically: true, encoding: .utf8)
    for arguments in [["--plain", "--seed", "0"], ["snapshot", "--steps", "1", "--output", folder.path + "/s.txt"]] {
      let result = try Program.run(arguments, environment: ["XDG_CONFIG_HOME": folder.path])
      #expect(result.status == 65)
      #expect(result.output == "")
      #expect(result.error.hasPrefix("diffusion-tui: \(path): line 2, column 8: "))
      #expect(result.error.count { $0 == "\n" } == 1)
    }
  }
}
