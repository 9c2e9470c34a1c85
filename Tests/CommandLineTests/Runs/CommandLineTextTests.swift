import ArgumentParser
import CommandLineKit
import DiffusionCore
import DiffusionTUI
import Foundation
import TestSupport
import Testing

@Suite("The command line that reproduces a run")
struct CommandLineTextTests {
  private func text(_ settings: RunSettings, model: String? = nil) -> String {
    CommandLineText.reproducing(RunRequest(model: ModelReference(model), settings: settings), processors: 4)
  }

  @Test("includes what differs from the defaults, and no more")
  func short() {
    #expect(text(RunSettings(seeds: [0], threads: 4)) == "diffusion-tui generate --seed 0")
    #expect(
      text(RunSettings(seeds: [-1], batchSize: 3, threads: 4)) == "diffusion-tui generate --seed -1 --batch-size 3")
    #expect(
      text(RunSettings(seeds: [1, 2], batchSize: 2, steps: 7, eta: 0.5, threads: 1), model: "owner/name")
        == "diffusion-tui generate owner/name --seeds 1,2 --steps 7 --eta 0.5 --threads 1")
  }

  @Test("includes the threads of a demonstration, whose bits depend on them")
  func demonstration() throws {
    let settings = RunSettings(device: try Device(parsing: "cpu:reassociated"), threads: 4)
    #expect(text(settings) == "diffusion-tui generate --seed 0 --device cpu:reassociated --threads 4")
    let branch = RunBranch(step: 3, changes: ["device": .text("cpu:reassociated")])
    #expect(
      text(RunSettings(threads: 4, branches: [branch]))
        == "diffusion-tui generate --seed 0 --threads 4 --branch 3,device=cpu:reassociated")
  }

  @Test(
    "a shell reads back every model's name",
    arguments: [
      "plain", "with space", "it's", "''", "$HOME", "`id`", "a\\b", "\"", "*", "new\nline", "~/model", "#1", "é", "-x",
      "a;b",
      "!x",
    ])
  func quoting(model: String) throws {
    let words = try ShellWords.split(text(RunSettings(threads: 4), model: model))
    #expect(words == ["diffusion-tui", "generate", model == "-x" ? "./-x" : model, "--seed", "0"])
  }

  @Test("when parsed, gives the same settings")
  func roundTrip() throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<200 {
      let settings = Self.settings(&random)
      // No setting needs quotation marks, so the line can be split at spaces.
      let words = CommandLineText.reproducing(RunRequest(settings: settings)).split(separator: " ").map(String.init)
      let request = try GenerateOptions.parse(Array(words.dropFirst(2))).request(drawSeed: {
        Issue.record("a seed was drawn")
        return 0
      })
      #expect(request.settings == settings, "\(words)")
      #expect(request.model == .demo)
    }
  }

  private static func settings(_ random: inout SplitMix64) -> RunSettings {
    func choice<Value>(_ usual: Value, _ other: Value) -> Value { Bool.random(using: &random) ? usual : other }
    func seed() -> Seed { choice(Seed(random.next()), Seed(Int(Int64(bitPattern: random.next())))) }
    let images = Int.random(in: 1...5, using: &random)
    let seeds = Bool.random(using: &random) ? [seed()] : (0..<images).map { _ in seed() }
    return RunSettings(
      seeds: seeds, batchSize: seeds.count == 1 ? images : seeds.count,
      steps: choice(50, Int.random(in: 1...1000, using: &random)),
      eta: choice(0, Float.random(in: 0...1, using: &random)), device: choice(.cpu, .cpuReference),
      generatorDevice: choice(.cpu, .cuda), multiprocessors: choice(132, Int.random(in: 1...4096, using: &random)),
      threads: Int.random(in: 1...64, using: &random), useClippedModelOutput: Bool.random(using: &random),
      variation: choice(nil, NoiseVariation(seed: seed(), strength: Double.random(in: 0...1, using: &random))),
      weights: choice(.float32, choice(.bfloat16, .float16)),
      selection: NoiseSelection(
        call: choice(1, Int.random(in: 1...1000, using: &random)),
        image: choice(nil, Int.random(in: 1...images, using: &random))))
  }
}

/// The arguments of a command line as the system's own shell splits it.
enum ShellWords {
  static func split(_ line: String) throws -> [String] {
    let data = try Tool.output(of: "/bin/sh", ["-c", "printf '%s\\0' \(line)"])
    return String(decoding: data, as: UTF8.self).split(separator: "\0", omittingEmptySubsequences: false)
      .dropLast().map(String.init)
  }
}
