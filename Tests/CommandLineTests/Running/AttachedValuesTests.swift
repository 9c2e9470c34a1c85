import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Testing

/// Values attached to an option by `=`, through the runner.
@Suite struct AttachedValuesTests {
  /// Says what it read, as an error.
  private struct Probe: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe")

    @OptionGroup var options: GenerateOptions

    func run() throws {
      let settings = try options.request(drawSeed: { 1 }).settings
      throw DiffusionError(
        .badData,
        "prompts \(settings.prompts) not \([settings.negativePrompt]) seeds \(settings.seeds.map(\.description))")
    }
  }

  private func line(_ words: [String]) -> String {
    CommandRunner.outcome(of: Probe.self, words).errorLine?.text ?? "no line"
  }

  @Test("an empty value takes no other option's place") func empty() {
    #expect(line(["--prompt=pizza", "--negative-prompt=", "--seed=7"]) == line(["--prompt=pizza", "--seed=7"]))
    #expect(line(["--prompt=", "--seed=7"]).contains(#"seeds ["7"]"#), "\(line(["--prompt=", "--seed=7"]))")
    #expect(!line(["--prompt=", "--seed=7"]).contains("--seed"))
  }

  @Test("a value may begin with a mark that joins the =", arguments: ["\u{301}", "\u{338}x", "\u{1F3FD}", "\u{FE0F}y"])
  func marks(_ value: String) {
    for option in ["prompt", "negative-prompt"] {
      #expect(line(["--\(option)=\(value)"]) == line(["--\(option)", value]), "\(option)")
      #expect(line(["--\(option)=a=\(value)"]) == line(["--\(option)", "a=\(value)"]), "\(option)")
    }
  }

  @Test("every option takes an empty value, and one that begins with a mark") func all() {
    let help = GenerateOptions.helpMessage(columns: 400)
    let options = help.matches(of: /--([a-z-]+) </).map { "--\($0.1)" }
    #expect(options.count > 30)
    for option in Set(options) where option != "--seed" {
      let empty = line(["\(option)=", "--seed=7"]), marked = line(["\(option)=\u{301}", "--seed=7"])
      for found in [empty, marked] {
        #expect(!found.contains("--seed=7") && !found.contains("Unknown") && !found.contains("Missing"), "\(found)")
      }
    }
  }

  @Test("a flag takes none, and what follows -- and is a value stays as it is") func flags() {
    for word in ["--json=", "--json=x", "--json=\u{301}", "--invert="] {
      let outcome = CommandRunner.outcome(of: Probe.self, [word, "--seed=7"])
      #expect(outcome.status == 64 && outcome.errorLine?.text.contains("\n") == false, "\(word)")
    }
    #expect(line(["--prompt", "--negative-prompt=", "--seed=7"]).contains(#"prompts ["--negative-prompt="]"#))
    // Behind -- it is a model's name.
    #expect(line(["--", "--prompt="]).contains("prompts []"))
  }
}
