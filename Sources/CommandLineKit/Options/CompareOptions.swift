import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The option for runs side by side, in every command that shows the explorer.
public struct CompareOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Show runs side by side: 2 to 8 seeds, such as 0,1,2,3 (excludes --seed), or a TOML file (- is standard \
      input) of 1 to 8 [[run]] tables with \(RunsFile.keys.joined(separator: ", ")). Keys missing from a table are \
      as in the other options.
      """,
      valueName: "n,n,... or file"),
    completion: .file(extensions: ["toml"]))
  var compare: String?

  /// Creates options with their defaults.
  public init() {}
}

extension CompareOptions {
  /// Every run requested, the main one first, and whether it says its number of steps; one run if there is nothing to
  /// compare.
  ///
  /// - Throws: ``DiffusionError``: `usage` that names the option; `unavailable` for a device that is not available;
  ///   `badData` or `missingInput` that names the file of runs.
  func runs(
    _ run: RunOptions, drawSeed: () -> Seed, environment: [String: String]
  ) throws -> (runs: [RunRequest], statesSteps: [Bool]) {
    if let file { return try runs(of: file, run, drawSeed: drawSeed, environment: environment) }
    let seeds = try seeds(excluding: run.seed)
    let runs =
      try seeds.map { try $0.map { seed in try run.request(drawSeed: { seed }, environment: environment) } }
      ?? [run.request(drawSeed: drawSeed, environment: environment)]
    return (runs, runs.map { _ in run.steps != nil })
  }

  /// The file of runs; nil for seeds.
  private var file: String? {
    guard let compare else { return nil }
    let isFile = compare.hasSuffix(".toml") || compare.contains("/") || compare == TextInput.standardInput
    return isFile || [.file, .other].contains(FileAccess.kind(of: compare)) ? compare : nil
  }

  private func runs(
    of file: String, _ run: RunOptions, drawSeed: () -> Seed, environment: [String: String]
  ) throws -> (runs: [RunRequest], statesSteps: [Bool]) {
    let request = try run.request(drawSeed: drawSeed, environment: environment)
    let read = try RunsFile(contentsOf: file, base: request, namesModel: run.model.model != nil)
    return (read.runs, read.statesSteps.map { $0 || run.steps != nil })
  }

  private func seeds(excluding seed: String?) throws -> [Seed]? {
    guard let compare else { return nil }
    guard seed == nil else {
      throw DiffusionError(
        .usage, "--seed and --compare exclude each other: give --seed for one run, --compare for several")
    }
    let texts = compare.split(separator: ",", omittingEmptySubsequences: false)
    guard (2...State.maximumPanes).contains(texts.count) else {
      throw DiffusionError(
        .usage,
        "--compare: '\(compare)' is \(texts.count) \(texts.count == 1 ? "seed" : "seeds"): expected 2 to "
          + "\(State.maximumPanes), such as 0,1,2,3, or a file of runs"
      )
    }
    return try texts.map { text in
      do {
        return try Seed(parsing: String(text))
      } catch {
        throw DiffusionError(.usage, "--compare: \(error)")
      }
    }
  }
}
