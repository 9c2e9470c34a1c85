import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite("Every setting on the command line") struct SettingOptionsTests {
  private static func request(_ words: [String]) throws -> RunRequest {
    let request = try GenerateOptions.parse(words).request(drawSeed: { 0 })
    return RunRequest(model: request.model, settings: request.settings)
  }

  /// The default run with one setting of the unusual one, and with the batch of its image.
  private static func wanted(_ setting: Setting) throws -> RunRequest {
    var request = RunRequest.plain(for: setting)
    try setting.assign(setting.value(of: .unusual), to: &request)
    return request
  }

  @Test("has options that generate accepts, with their help", arguments: Setting.ofRunSettings.flatMap(\.options))
  func options(option: SettingOption) throws {
    let help = GenerateOptions.helpMessage().split { $0.isWhitespace }
    #expect(help.contains(Substring(option.flag)))
    let words = Set(option.help.split { $0.isWhitespace }.map(String.init))
    #expect(words.subtracting(help.map(String.init)) == [])
  }

  @Test("is set by the line that reproduces a run", arguments: Setting.all) func line(setting: Setting) throws {
    let wanted = try Self.wanted(setting)
    let line = CommandLineText.reproducing(wanted, processors: 1)
    // A line includes the threads only if they differ from the number of processors: here one.
    let threads = line.contains("--threads ") ? [] : ["--threads", "1"]
    // No value here has a space in it: a shell would only take the quotation marks away.
    let words = line.split(separator: " ").dropFirst(2).map { String($0).replacing("'", with: "") }
    let found = try Self.request(words + threads)
    #expect(found == wanted, "\(line)")
    // Without a prompt the line needs no model; with one, ddpm-emoji-32 has to be named.
    let isNamed = wanted.model != ModelReference(meantBy: wanted.settings)
    #expect(line.contains(wanted.model.name) == isNamed, "\(line)")
  }

  // After --image, what is no number is the name of a file: ImageOptionTests has its errors. A prompt is any text. A
  // refiner is looked for later.
  @Test(
    "a wrong value is an error that names the option",
    arguments: Setting.ofRunSettings.flatMap(\.options).filter {
      $0.valueName != nil && !["image", "prompt", "negative_prompt", "blend_prompt", "refiner"].contains($0.flagName)
    })
  func wrong(option: SettingOption) throws {
    // A variation and a blend have two options.
    let other = [
      "variation_seed": ["--variation-strength", "1"], "variation_strength": ["--variation-seed", "1"],
      "blend_strength": ["--blend-prompt", "x"],
    ]
    let error = try #require(throws: DiffusionError.self) {
      try Self.request([option.flag, "?!"] + (other[option.name] ?? []))
    }
    let line = CommandOutcome(error, of: Command.self).errorLine?.text
    #expect(error.kind == .usage)
    #expect(line?.hasPrefix("program: \(option.flag) '?!' is not ") == true, "\(line ?? "")")
  }

  private struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "program")
  }

  @Test("is read from a file of runs, under all its names", arguments: Setting.all) func runsFile(setting: Setting)
    throws
  {
    let wanted = try Self.wanted(setting)
    let base = RunRequest.plain(for: setting)
    for key in Set([setting.name.replacing("_", with: "-"), setting.name] + setting.aliases) {
      let line = "\(key) = \(TOMLText.of(setting.value(of: wanted)))"
      let runs = try RunsFile(
        text: "[[run]]\n\(line)", path: "runs.toml", base: RunRequest(model: .demo, settings: base.settings)
      ).runs
      #expect(runs == [RunRequest(model: wanted.model, settings: wanted.settings)], "\(line)")
    }
    #expect(Setting.keys(of: [setting]).allSatisfy(CompareOptions.helpMessage().contains))
  }

  @Test("is in the report, under its name", arguments: Setting.ofRunSettings) func report(setting: Setting) throws {
    let report = SettingsReport(settings: RunRequest.unusual.settings, scheduler: "euler")
    let object = try JSONDecoder().decode([String: SettingValue].self, from: JSONEncoder().encode(report))
    #expect(object[setting.name] == setting.value(of: .unusual))
    #expect(object.count == Setting.ofRunSettings.count)
  }
}
