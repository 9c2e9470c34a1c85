import Foundation
import Testing

/// The built program with prompts, on its model that takes them.
@Suite struct PromptProgramTests {
  private static let prompt = ["--prompt", "pizza", "--seed", "3", "--steps", "2"]

  private func section(_ report: [String: Any], _ name: String) throws -> [String: Any] {
    try #require(report[name] as? [String: Any])
  }

  @Test func theTablesNameBothHashes() throws {
    let folder = try TemporaryFolder(), arguments = Self.prompt + ["--output", folder.path + "/pizza.png"]
    let report = try Program.report(["generate", "--json"] + arguments)
    let latents = try section(report, "latents"), images = try section(report, "images")
    #expect(latents["shape"] as? [Int] == [1, 4, 16, 16] && images["shape"] as? [Int] == [1, 64, 64, 3])
    let printed = try Program.run(["generate"] + arguments).output
    #expect(
      printed.contains(
        """

        latents              [1, 4, 16, 16] float32
        np.abs(x).sum()      867.3828
        images               [1, 64, 64, 3] float32 in [0, 1]
        np.abs(image).sum()  10267.6998
        x_t sha256    \(try #require(latents["sha256"] as? String))
        image sha256  \(try #require(images["sha256"] as? String))
        wrote \(folder.path)/pizza.png

        """))
    #expect(printed.contains("tokens     5 of 16: <|startoftext|> pi zz a</w> <|endoftext|>\nguidance   2\n"))
  }

  @Test func aReceiptVerifies() throws {
    let folder = try TemporaryFolder(), receipt = folder.path + "/run.json"
    let settings = ["--prompt", "pizza", "--negative-prompt", "cat", "--guidance-scale", "3", "--steps", "2"]
    #expect(try Program.run(["generate", "--receipt", receipt] + settings).status == 0)
    let verified = try Program.run(["verify", receipt])
    #expect(verified.status == 0 && verified.output.hasPrefix("equal: 2 steps, final sha256 "))
    let text = try String(contentsOfFile: receipt, encoding: .utf8)
    let changed = text.replacing(#""pizza""#, with: #""red heart""#)
    #expect(changed != text)
    try Data(changed.utf8).write(to: URL(fileURLWithPath: receipt))
    #expect(try Program.run(["verify", receipt]).status == 1)
  }

  @Test func whatFallsOffTheEndIsSaid() throws {
    let long = Array(repeating: "pizza", count: 5).joined(separator: " ")
    let result = try Program.run(["generate", "--steps", "1", "--prompt", long])
    #expect(result.status == 0)
    #expect(
      result.error == """
        diffusion-tui: warning: the text encoder takes 16 tokens, start and end among them: 1 fell off the end of the \
        prompt: a

        """)
  }

  @Test func aModelWithoutPromptsRefusesThem() throws {
    let result = try Program.run(["generate", "ddpm-emoji-32", "--prompt", "pizza"])
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.error.contains("the model takes no prompt: it is unconditional"))
  }
}
