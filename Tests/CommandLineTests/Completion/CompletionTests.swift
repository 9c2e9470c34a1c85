import ArgumentParser
import CommandLineKit
import DiffusionCore
import Foundation
import Testing

/// What shells offer. `Tests/Packages/completions.sh` asks real shells.
@Suite("Completion") struct CompletionTests {
  @Test(
    "writes a value as each shell reads it",
    arguments: [
      ("cpu:avx2", "avx2", "cpu:avx2", "cpu\\:avx2:avx2", "cpu:avx2\tavx2"),
      ("owner/name@main", nil, "owner/name@main", "owner/name@main", "owner/name@main"),
      // Bash would run it.
      ("$(touch x)", nil, "\\$\\(touch\\ x\\)", "$(touch x)", "$(touch x)"),
      ("`x`;'\"", nil, "\\`x\\`\\;\\'\\\"", "`x`;'\"", "`x`;'\""),
      ("a\\b", nil, "a\\\\b", "a\\\\b", "a\\b"),
      ("büro", "a folder", "büro", "büro:a folder", "büro\ta folder"),
    ] as [(String, String?, String, String, String)])
  func lines(value: String, summary: String?, bash: String, zsh: String, fish: String) {
    let candidate = CompletionCandidate(value, summary)
    #expect(candidate.line(for: .bash) == bash)
    #expect(candidate.line(for: .zsh) == zsh)
    #expect(candidate.line(for: .fish) == fish)
    #expect(candidate.line(for: nil) == value)
  }

  @Test("leaves out what a terminal would act on", arguments: ["a\u{1B}[2J", "a\nb", "a\tb", "\u{202E}a"])
  func unprintable(value: String) {
    for shell in CompletionShell.allCases { #expect(CompletionCandidate(value).line(for: shell) == nil) }
  }

  @Test("offers folders, and files of a kind, below what was typed") func files() throws {
    let folder = try TemporaryFolder()
    for name in ["one", ".hidden"] {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
    for name in ["picture.png", "one.txt", "one/more.png"] {
      try Data().write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }
    func offered(_ word: String, _ endings: [String] = [".png"]) -> [String] {
      CompletionCandidate.files(word, endings: endings, home: folder.path).map(\.value)
    }
    let path = folder.path
    #expect(offered("\(path)/") == ["\(path)/one/", "\(path)/picture.png"])
    #expect(offered("\(path)/", []) == ["\(path)/one/"])
    #expect(offered("\(path)/p") == ["\(path)/picture.png"])
    #expect(offered("\(path)/.") == ["\(path)/.hidden/"])
    #expect(offered("~/one/") == ["~/one/more.png"])
    #expect(offered("\(path)/none/") == [])
  }

  @Test("asks the program for devices, themes, lessons and models") func program() throws {
    let folder = try TemporaryFolder(), hub = "\(folder.path)/hub/models--owner--name"
    let commit = String(repeating: "a", count: 40)
    for name in ["refs", "snapshots/\(commit)"] {
      try FileManager.default.createDirectory(atPath: "\(hub)/\(name)", withIntermediateDirectories: true)
    }
    try Data(commit.utf8).write(to: URL(fileURLWithPath: "\(hub)/refs/main"))
    func offered(_ argument: String, of command: String, shell: String = "bash") throws -> [String] {
      let words = ["---completion"] + command.split(separator: " ").map(String.init)
      let result = try Program.run(
        words + ["--", argument, "3", "0", "diffusion-tui", command, argument, ""],
        environment: ["SAP_SHELL": shell, "HF_HUB_CACHE": "\(folder.path)/hub"])
      #expect(result.status == 0 && result.error == "")
      return result.output.split(separator: "\n").map(String.init)
    }
    #expect(try offered("--device", of: "generate").starts(with: Device.available.map { "\($0)" }))
    // Without a command, the options are those of explore.
    #expect(try offered("--theme", of: "").starts(with: ["dark", "light"]))
    #expect(try offered("positional@0", of: "lesson", shell: "fish").contains("seed\tA seed is a starting point"))
    #expect(try offered("positional@0", of: "inspect").starts(with: ["ddpm-emoji-32", "sd-emoji-64", "owner/name"]))
    #expect(try offered("--refiner", of: "generate").contains("owner/name"))
    #expect(try offered("positional@0", of: "models rm") == ["owner/name"])
    #expect(try offered("--image", of: "snapshot").first == "demo")
  }

  @Test("has a script for each shell", arguments: ["bash", "zsh", "fish"]) func scripts(shell: String) throws {
    let result = try Program.run(["--generate-completion-script", shell])
    #expect(result.status == 0 && result.error == "")
    #expect(try Program.run(["--generate-completion-script=\(shell)"]).output == result.output)
    // What is added to the argument parser's scripts has its place there.
    let added = ["bash": "complete -o filenames -F __diffusion-tui_words diffusion-tui\n", "zsh": "compadd -S ''"]
    #expect(result.output.contains(added[shell] ?? "complete -c 'diffusion-tui'"))
    for name in ["sweep", "models"] {
      let standing = "__diffusion-tui_\(name)_named() {", inserted = "-a \"$unparsed_tokens[2]\" = \(name)\n"
      #expect(result.output.contains(shell == "fish" ? inserted : standing))
    }
  }

  @Test("offers the keys of plans as axes of a sweep") func planKeys() throws {
    let script = try Program.run(["--generate-completion-script", "fish"]).output
    let line = script.split(separator: "\n").first { $0.contains("\"diffusion-tui sweep merge\" columns'") }
    let keys = Set(try #require(line?.split(separator: "'").last).split(separator: " ").map(String.init))
    #expect(keys.isSuperset(of: ["model", "seed", "scheduler", "scheduler-options", "guidance-scale", "branches"]))
    #expect(!keys.contains("branch") && keys.allSatisfy { !$0.contains("_") })
  }

  @Test("has values for every option, but for numbers and free text") func everyOption() throws {
    let help = try Program.run(["--experimental-dump-help"]).output
    let free = Set(try Self.incomplete(JSONSerialization.jsonObject(with: Data(help.utf8)) as? [String: Any]))
    #expect(
      free == [
        "seed", "seeds", "batch-size", "steps", "prior-steps", "super-res-steps", "eta", "threads", "height", "width",
        "guidance-scale", "guidance-rescale", "prior-guidance-scale", "prompt", "negative-prompt", "blend-prompt",
        "blend-strength", "class-label", "original-size", "crops-coords-top-left",
        "target-size", "negative-original-size", "negative-crops-coords-top-left", "negative-target-size",
        "aesthetic-score", "negative-aesthetic-score", "denoising-end", "scheduler-option", "multiprocessors",
        "threads-per-multiprocessor",
        "variation-seed", "variation-strength", "call", "strength", "branch", "delay", "loops", "scale", "shape",
        "calls", "size", "keys", "repeats",
      ])
  }

  /// The names of options without completion, in a command and those below it.
  private static func incomplete(_ object: [String: Any]?) throws -> [String] {
    let command = try #require(object?["command"] as? [String: Any] ?? object)
    let options = (command["arguments"] as? [[String: Any]] ?? []).filter {
      $0["kind"] as? String == "option" && $0["completionKind"] == nil
    }
    let names = options.compactMap { ($0["preferredName"] as? [String: Any])?["name"] as? String }
    return try names + (command["subcommands"] as? [[String: Any]] ?? []).flatMap(incomplete)
  }
}
